# `--build-arg LOCK=phone` adds the telephone's SIP stack (docs/operations/deployment.md).
# Two stages: the first has the build tools and makes one wheel, the second runs it without them.
FROM debian:bookworm-slim AS build
ARG LOCK=run
# Certificates of the machine, not uv's own: closed networks have their own authority.
ENV UV_SYSTEM_CERTS=true
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates \
  gcc libc6-dev >/dev/null && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements requirements
RUN python3 -m venv /uv && /uv/bin/pip install --quiet uv==0.13.9 \
 && /uv/bin/uv venv --quiet --python python3 /opt/yuntiao \
 && /uv/bin/uv pip sync --quiet --compile-bytecode --python /opt/yuntiao/bin/python --require-hashes "requirements/$LOCK.lock" \
 && /uv/bin/uv venv --quiet --python python3 /build \
 && /uv/bin/uv pip sync --quiet --python /build/bin/python --require-hashes requirements/build.lock
# The manual's pictures come along where `python -m tests.tools.pictures` took them before; without them it has none.
COPY . .
RUN /uv/bin/uv build --quiet --wheel --no-build-isolation --python /build/bin/python --out-dir /wheels . \
 && /uv/bin/uv pip install --quiet --compile-bytecode --python /opt/yuntiao/bin/python --no-deps /wheels/*.whl \
 && /opt/yuntiao/bin/yuntiao media build-native

FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 ca-certificates >/dev/null && apt-get clean \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 990 --home-dir /data --shell /usr/sbin/nologin yuntiao \
 && install -d -o yuntiao -g yuntiao /data
COPY --from=build /opt/yuntiao /opt/yuntiao
ENV PATH=/opt/yuntiao/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin YUNTIAO_DATA=/data PYTHONUNBUFFERED=1
WORKDIR /data
USER yuntiao
VOLUME /data
# One UDP port a media worker, from 8090 on; tell browsers where: YUNTIAO_MEDIA_ADDRESSES.
EXPOSE 8080/tcp 8090-8097/udp
HEALTHCHECK --interval=15s --timeout=4s --start-period=20s CMD ["yuntiao", "health"]
CMD ["yuntiao", "serve", "--host", "0.0.0.0", "--port", "8080", "--media-port", "8090"]
