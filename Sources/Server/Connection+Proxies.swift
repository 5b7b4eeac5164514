import HTTP
import Reactor

extension Connection {
    /// Takes the header of the PROXY protocol in front of everything else; `.bytes` when it is over.
    ///
    /// What follows stays in the socket, as TLS reads from there.
    func introduce() -> Transfer {
        let transfer = channel.peek(into: &resources.input, atMost: TrustedProxies.headerBytesMax)
        guard case .bytes(let count) = transfer else { return transfer }
        switch ProxyHeader.read(Array(resources.input.prefix(count))) {
        case .needMore:
            return channel.hasPeerFinished ? .end : .wouldBlock
        case .malformed:
            return .failed
        case .header(let header):
            guard channel.take(header.length, into: &resources.input) else { return .failed }
            guard let client = header.source else { return transfer }
            peer = self.peer(of: client)
            guard peer.isExempt || resources.census.attribute(&place, to: client) else { return .failed }
            parser = RequestParser(limits: resources.configuration.limits, peer: peer)
            return transfer
        }
    }

    /// Puts the client in the place of the proxy that asks for it, if the request tells who that is.
    func resolve(_ request: inout Request) {
        guard let forwarders else { return }
        if let client = ForwardedAddresses.client(of: request.fields, forwarders) {
            request.peer = peer(of: client)
        }
        messagePeer = request.peer
    }

    private func peer(of client: SocketAddress) -> Peer {
        let isProxy = resources.configuration.proxies?.contains(client) ?? false
        return Peer(
            address: client.host,
            isSecure: peer.isSecure,
            origin: client.origin,
            isExempt: isProxy || client.countedOrigin == nil
        )
    }
}
