# The command in an image: `make image`. Its dependencies are those of uv.lock, by hash; nothing is compiled.
# Of September 2026: Python 3.13.15 on Debian 13. To renew it: docker buildx imagetools inspect python:3.13-slim
ARG BASE=python:3.13-slim@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS build
COPY dist/ /dist/
RUN python -m venv --without-pip /opt/reconciler \
    && pip --python /opt/reconciler/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
       --only-binary :all: --require-hashes --requirement /dist/requirements.txt \
    && pip --python /opt/reconciler/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
       --no-deps --no-index /dist/*.whl
# What no run imports (a test holds it): the asynchronous client of Kubernetes, the classes of its API, and the command line
# of the CEL engine.
COPY deploy/image/left-out.txt /left-out.txt
RUN cd /opt/reconciler/lib/python3*/site-packages && rm -rf $(cat /left-out.txt) \
    # The root is read-only later, so that no run could keep what it compiles.
    && python -m compileall -q --invalidation-mode unchecked-hash .

FROM ${BASE}
# git reads revisions; it and ssh fetch a repository by URL, and ssh asks for the name of its user.
# gpg and ssh-keygen verify signatures.
RUN apt-get update \
    && apt-get install -y --no-install-recommends git gpg openssh-client \
    && echo 'reconciler:x:65532:65532::/tmp:/usr/sbin/nologin' >> /etc/passwd \
    && echo 'reconciler:x:65532:' >> /etc/group \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/* \
    && pip uninstall --yes --quiet --root-user-action ignore pip \
    # No run needs git's scripts, its servers and its mail, but its package does.
    && rm -rf /usr/share/perl /usr/lib/*-linux-gnu/perl /usr/lib/*-linux-gnu/libperl.so* \
    && cd /usr/lib/git-core \
    && rm -f git-daemon git-http-backend git-http-fetch git-http-push git-imap-send git-sh-i18n--envsubst \
       git-shell scalar /usr/bin/git-shell /usr/bin/scalar
COPY --from=build /opt/reconciler /opt/reconciler
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="provider-reconciler" \
      org.opencontainers.image.description="GitOps for the LLM providers of agent platforms on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/opt/reconciler/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 65532:65532
WORKDIR /config
ENTRYPOINT ["reconciler"]
