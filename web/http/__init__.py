"""Requests and answers: who may ask, forms, cookies, headers, proxies, how an answer leaves."""
