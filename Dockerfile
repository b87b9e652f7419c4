# syntax=docker/dockerfile:1

# Builds the server and leaves it alone in an image of its own: production dependencies, no build tools, no root.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /src
ENV CI=true
RUN npm install --global pnpm@10.34.9

# The manifests first: the dependencies stay cached while only sources change.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json ./
COPY packages/core/package.json packages/core/
COPY packages/redis/package.json packages/redis/
COPY packages/server/package.json packages/server/
COPY packages/fake-upstream/package.json packages/fake-upstream/
COPY packages/json-scan/package.json packages/json-scan/
RUN pnpm install --frozen-lockfile --filter ccpb-workspace --filter "@ccpb/server..."

COPY packages/core packages/core
COPY packages/redis packages/redis
COPY packages/server packages/server
COPY packages/fake-upstream packages/fake-upstream
COPY packages/json-scan packages/json-scan
# settings.shared_state wants @ccpb/redis beside the server, which does without it otherwise.
RUN pnpm --filter @ccpb/core --filter @ccpb/redis --filter @ccpb/server run build:fast \
 && pnpm --config.inject-workspace-packages=true --filter @ccpb/server deploy --prod /app \
 && pnpm --config.inject-workspace-packages=true --filter @ccpb/redis deploy --prod /app/node_modules/@ccpb/redis

FROM node:${NODE_VERSION}-bookworm-slim
# A container is reached through its own address, so it listens on all of them; the server refuses that without settings.auth.api_keys.
# NODE_OPTIONS: a small young generation frees the buffers of large requests sooner (docs/operations.md, "Options of Node").
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=8 \
    CCPB_HOST=0.0.0.0 \
    CCPB_PORT=8080 \
    CCPB_CONFIG=/etc/ccpb/providers.yaml
COPY --from=build /app /app
# The log is logs/balancer.jsonl below the working directory.
RUN install -d -o node -g node /var/lib/ccpb /var/lib/ccpb/logs
WORKDIR /var/lib/ccpb
USER 1000:1000
EXPOSE 8080
# Longer than drain_timeout is for whoever stops the container: docker stop --time 40.
STOPSIGNAL SIGTERM
# Unhealthy is a server that does not answer (3). Neither that no provider can serve (1) nor a file that was edited wrongly (2) is mended by another
# container.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD node /app/dist/cli.js status || [ $? -ne 3 ]
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve"]
