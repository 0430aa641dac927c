# SPDX-License-Identifier: Apache-2.0
# docker build --build-arg SERIN_COMMIT="$(git rev-parse --short=12 HEAD)" -t serin .
# docker run --rm -v "$PWD:/scenarios:ro" serin run /scenarios/chat-delivery.yaml
FROM debian:bookworm-slim AS build
WORKDIR /src
# Packages first: they change less often than sources, so that a rebuild finds them in the layer cache.
COPY scripts/packages.txt scripts/install-packages scripts/
RUN scripts/install-packages build
COPY . .
ARG SERIN_COMMIT=""
RUN SERIN_COMMIT="$SERIN_COMMIT" ./dev build

FROM debian:bookworm-slim
COPY scripts/packages.txt scripts/install-packages /tmp/scripts/
RUN /tmp/scripts/install-packages run && rm -rf /tmp/scripts /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
COPY --from=build /src/build/release/serin /usr/local/bin/serin
# A new volume there belongs to the user below.
RUN install -d -o 10001 -g 10001 /var/lib/serin
# A prober needs no privilege; a numeric user lets Kubernetes prove it (runAsNonRoot).
USER 10001:10001
WORKDIR /scenarios
ENTRYPOINT ["/usr/local/bin/serin"]
CMD ["help"]
