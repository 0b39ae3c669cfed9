// Dials the node at the given multiaddr, pings it, and prints one line of JSON: both peer ids and the round trip.
// Node 20 lacks Promise.withResolvers, which libp2p 3 uses.
if (Promise.withResolvers === undefined) {
  Promise.withResolvers = function () {
    let resolve, reject
    const promise = new this((res, rej) => { resolve = res; reject = rej })
    return { promise, resolve, reject }
  }
}

const { createLibp2p } = await import('libp2p')
const { quic } = await import('@chainsafe/libp2p-quic')
const { ping } = await import('@libp2p/ping')
const { identify } = await import('@libp2p/identify')
const { multiaddr } = await import('@multiformats/multiaddr')

const node = await createLibp2p({ transports: [quic()], services: { ping: ping(), identify: identify() } })
await node.start()
const signal = AbortSignal.timeout(20_000)
const connection = await node.dial(multiaddr(process.argv[2]), { signal })
const roundTripMs = await node.services.ping.ping(connection.remotePeer, { signal })
console.log(JSON.stringify({
  local: node.peerId.toString(), remote: connection.remotePeer.toString(), roundTripMs
}))
await node.stop()
process.exit(0)
