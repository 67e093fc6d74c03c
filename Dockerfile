# Keramos on a processor or a GPU; what is run in the image's root is what tools/release/debian_root.py runs in a fresh
# Debian of the same release. The target decides PyTorch's build:
#   docker build --target cpu -t keramos .
#   docker build --target gpu -t keramos:gpu .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" keramos segment stack.tif --model otsu --out segmentation.ome.zarr
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD:/data" keramos:gpu train --images stack.tif --labels slice48.tif --slices 48 --out model.keramos

FROM debian:bookworm-slim AS base
SHELL ["/bin/sh", "-euc"]
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/keramos
ENV PATH=/opt/keramos/bin:$PATH
COPY . /src

FROM base AS gpu
RUN pip install --no-cache-dir -c /src/constraints.txt /src && rm -rf /src && keramos --version
RUN useradd --create-home keramos && install -d -o keramos /data
USER keramos
WORKDIR /data
ENTRYPOINT ["keramos"]
CMD ["--help"]

FROM base AS cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN pip install --no-cache-dir -c /src/constraints.txt --extra-index-url "$TORCH_INDEX" /src \
    && rm -rf /src && keramos --version
RUN useradd --create-home keramos && install -d -o keramos /data
USER keramos
WORKDIR /data
ENTRYPOINT ["keramos"]
CMD ["--help"]
