# The sources run as they are, on the Node that package.json pins; nothing is built.
FROM node:26.10.0-bookworm-slim

WORKDIR /opt/trent
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY tsconfig.json LICENSE ./
COPY src ./src

# The data folder is the one place that is written to.
RUN mkdir -m 700 /var/lib/trent /run/trent-root && chown node:node /var/lib/trent /run/trent-root
USER node
VOLUME /var/lib/trent

# Inside of a container, its own network is what protects these addresses. Without TLS, publish them to the host alone.
ENV TRENT_HOST=0.0.0.0 TRENT_PORT=4599 TRENT_OPS_HOST=0.0.0.0 TRENT_OPS_PORT=4600 TRENT_DATA=/var/lib/trent
EXPOSE 4599 4600
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4600/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# One process, without a shell or npm between it and SIGTERM.
ENTRYPOINT ["node", "/opt/trent/src/main.ts"]
CMD ["serve"]
