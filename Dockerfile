# The planner's image: one program, its libraries without what it never uses, nobody's root.
#
#   docker build --build-arg BASE_IMAGE=python:3.11-slim-bookworm@sha256:... -t planner .
#
# The base needs Python 3.11 and certificates, nothing else. Both stages start from it, so that the
# virtual environment moves from one to the other as it is. Wheels come from the folder `wheelhouse`
# of the context when there is one (`just image` fills it), else from the package index; either way
# every file must have the hash that the two constraints files name.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY constraints.txt deploy/image/constraints-build.txt wheelhous[e] /build/
WORKDIR /build
# Two environments: the one that ships, and the tools that make it and never leave this stage.
RUN set -eu; \
    pip="$(ls /build/pip-*.whl 2>/dev/null || true)"; \
    if [ -n "$pip" ]; then export PYTHONPATH="$pip" PIP_NO_INDEX=1 PIP_FIND_LINKS=/build; fi; \
    for home in /opt/planner /opt/tools; do \
        python3 -m venv --without-pip "$home"; \
        requirements=constraints.txt; \
        if [ "$home" = /opt/tools ]; then requirements=constraints-build.txt; fi; \
        python3 -m pip --python "$home/bin/python" install --quiet --no-compile --no-deps \
            --only-binary :all: --require-hashes -r "$requirements"; \
    done
# What the planner never uses goes; what stays is compiled once, here.
COPY deploy/image/slim.py deploy/image/pandas.py /build/
RUN set -eu; \
    /opt/planner/bin/python slim.py; \
    /opt/planner/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/planner/lib
COPY pyproject.toml README.md /source/
COPY planner_cli /source/planner_cli
COPY migrations /source/migrations
COPY examples /source/examples
RUN set -eu; \
    (cd /source && /opt/tools/bin/hatchling build -t wheel -d /build/own); \
    /opt/tools/bin/python -m pip --python /opt/planner/bin/python install --quiet --no-compile \
        --no-deps --no-index /build/own/*.whl; \
    /opt/planner/bin/python -m compileall -q --invalidation-mode unchecked-hash \
        /opt/planner/lib/python3.*/site-packages/planner_cli; \
    /opt/tools/bin/cyclonedx-py environment --output-reproducible --of JSON \
        -o /opt/planner/share/planner/sbom.cdx.json /opt/planner/bin/python

FROM ${BASE_IMAGE}
# The root file system is read-only at run time: what has no byte code now is compiled at every
# start. Official Python images ship none for the standard library; where it is there, this adds nothing.
RUN python3 -m compileall -q -x '/(site|dist)-packages/|/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|distutils)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /opt/planner /opt/planner
ENV PATH=/opt/planner/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1
WORKDIR /tmp
USER 65532:65532
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --retries=3 CMD ["planner", "doctor"]
ENTRYPOINT ["planner"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="planner" \
      org.opencontainers.image.description="Answers one planner run: claims it, solves it, writes the job lines back." \
      org.opencontainers.image.documentation="docs/operations.md" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
