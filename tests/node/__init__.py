"""A real node: kubelet, containerd and the controllers, so that Jobs and CronJobs run in real pods.

A test asks for the fixture `node` (node.py); the first one that does starts it, and all workers of the run share it. It
has an API server of its own, since that of `control_plane` has no controllers. Linux and root only.

- build.py, debian.py, image.py: what it is made of, made once into the cache; the image of this checkout is in it
- server.py: namespaces of the kernel that end with their first process, inside.py, and with it all that runs in them
- config.py, kernel.py: what its programs are told, and what the machine must not notice
- archive.py, forward.py: images for containerd, and the way in for the tests

Pods reach the API server where the kubelet tells them, at an address of the node's own. They reach nothing outside.
"""
