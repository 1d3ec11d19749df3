"""The command `notify`: tells webhooks, chats, issues of a forge and Events of Kubernetes what is new.

commands      its options
notify        compares reports with what was delivered, and delivers the news
destinations  where news goes by the options
environments  where news goes by environment.yaml
events        news as Events of Kubernetes
"""
