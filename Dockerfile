# One image, every command of jiujinan: serve intake|relief|ledger, migrate, topics.
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build

# The environment has no pip of its own: what is not in it cannot be used inside a running container.
RUN python -m venv --without-pip /app/venv
COPY requirements/runtime.lock requirements/runtime.lock
RUN pip --python /app/venv/bin/python install --require-hashes --requirement requirements/runtime.lock

COPY pyproject.toml README.md LICENSE ./
COPY events events
COPY services services
COPY jiujinan jiujinan
RUN pip --python /app/venv/bin/python install --no-deps --no-build-isolation . \
    && pip --python /app/venv/bin/python uninstall --yes setuptools


FROM python:3.11-slim-bookworm AS runtime

LABEL org.opencontainers.image.title="jiujinan" \
      org.opencontainers.image.description="Event-sourced emergency relief" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN groupadd --gid 10001 jiujinan \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin jiujinan \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/jiujinan/evidence

COPY --from=build /app/venv /app/venv
COPY policies /app/policies

# What a large file took goes back to the system at once, and not into one of glibc's heaps, of which each thread has one.
ENV PATH=/app/venv/bin:$PATH \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    POLICIES_DIR=/app/policies

WORKDIR /app
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["jiujinan"]
CMD ["--help"]
