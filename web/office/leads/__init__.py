"""Pages of reports (举报), and of consultations and other bodies' matters: registered, listed, handled.

A report's own page is the lead's (`web.office.leads.pages`), behind the same wall.
"""
