"""How the program is put together.

Parts are made in `core`, handed to the pages by a module a topic, and started in order by `running`.
"""
