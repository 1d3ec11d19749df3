"""HTTP with limits, for every adapter that speaks it: an API server's and a forge's. Only this package calls urllib3.

wire.py   one request and its whole answer      retry.py     which requests are sent again, and when
pool.py   connections to a public server        deadline.py  an end that no server can move
proxy.py  which proxy a request goes through
"""
