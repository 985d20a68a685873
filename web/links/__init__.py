"""Pages behind a personal link: answers, questions, documents to sign and to take."""
