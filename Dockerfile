# The steps of README in an image, for a CPU or, with --build-arg BASE=cuda, for NVIDIA's GPUs; see docs/install.md.
ARG BASE=cpu

# Only torch differs: TORCH_INDEX may name an index of its wheels without CUDA's libraries, which are smaller.
FROM python:3.12.8-slim-bookworm AS cpu
ARG TORCH_INDEX
ENV PIP_EXTRA_INDEX_URL=${TORCH_INDEX}

# The usual wheels of torch bring CUDA's libraries; the host has the driver.
FROM python:3.12.8-slim-bookworm AS cuda

FROM ${BASE}
# g++ compiles packs of small networks; git states the version of the source in the records. Their versions are those
# of the base: Debian's mirrors keep no older ones, so that a pinned one could not be built a month later.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ git \
    && rm -rf /var/lib/apt/lists/*
# The source belongs to root; git otherwise refuses to read it for another user.
RUN git config --system --add safe.directory /opt/gan-bench
ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /opt/gan-bench
COPY . .
RUN pip install -e .
RUN useradd --create-home --uid 1000 bench && install --directory --owner bench /data
USER 1000
WORKDIR /data
ENTRYPOINT ["gan-bench"]
CMD ["--help"]
