"""HTTP with limits and retries, for the adapters `kubernetes`, `forge` and `pushgateway`.

wire.py   one request and its answer            retry.py     which requests are sent again, and when
pool.py   connections to a public server        deadline.py  time limits that include every wait but that in rate.py
proxy.py  the proxy of a request                service.py   a service with fixed credentials
rate.py   at most so many requests a second     service_url.py  the URL of a service, which has no credentials
"""
