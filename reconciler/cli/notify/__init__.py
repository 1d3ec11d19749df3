"""The command `notify`: tells webhooks, chats, issues of a forge and Events of Kubernetes what is new."""
