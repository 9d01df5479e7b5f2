/** How many nodes serve a test that does not say what its database is: `NODES=2` makes it two, over one PostgreSQL. */
export const nodeCount = process.env['NODES'] === '2' ? 2 : 1
