import HTTP
import Reactor
import TLS

/// Asks other servers over TLS: one connection for each request, which ends with the answer.
///
/// No redirection is followed, nothing is kept between requests, and no proxy or environment variable has a say.
/// - Note: It blocks its thread, for at most ``Configuration/exchangeTimeout`` and what the name service takes.
package struct HTTPSClient: HTTPClient {
    /// Whom the client trusts, and how long and large an exchange may be.
    package struct Configuration: Sendable {
        package var trust = TLSClientContext.Trust.system
        /// How long one address of a host may take to accept the connection.
        package var connectTimeout = Duration.seconds(4)
        /// How long everything together may take.
        package var exchangeTimeout = Duration.seconds(10)
        /// Bounds on an answer's head and content.
        package var limits = Limits()
        /// Whether `http` is used for hosts that are this machine: for tests of what stands behind it.
        package var allowsPlainLoopback = false

        /// The defaults; change single ones on the value.
        package init() { limits.bodyBytesMax = 256 * 1024 }
    }

    let configuration: Configuration
    let tls: TLSClientContext

    /// Reads the certificates that are trusted, which holds for as long as the client is used.
    package init(_ configuration: Configuration = Configuration()) throws(TLSError) {
        self.configuration = configuration
        tls = try TLSClientContext(trust: configuration.trust)
    }

    package func exchange(_ request: OutgoingRequest) throws(ExchangeError) -> ReceivedResponse {
        let url = request.url
        try check(url)
        let timing = ExchangeTiming(host: url.host, within: configuration.exchangeTimeout)
        let channel = ClientChannel(try connect(url, timing), timing)
        if url.isSecure { try channel.startTLS(tls) }
        try channel.send(request.encoded())
        let response = try answer(channel, url)
        guard !(300..<400).contains(response.status.code) else {
            throw .redirected(host: url.host, status: Int(response.status.code))
        }
        return response
    }

    /// Refuses what would travel unencrypted.
    func check(_ url: RemoteURL) throws(ExchangeError) {
        guard url.isSecure || configuration.allowsPlainLoopback && url.isLoopback else {
            throw .notSecure(host: url.host)
        }
    }

    /// Connects to the first of the host's addresses that takes it.
    func connect(_ url: RemoteURL, _ timing: ExchangeTiming) throws(ExchangeError) -> Connected {
        let addresses: [HostAddress]
        do throws(HostAddress.Failure) {
            addresses = try HostAddress.addresses(of: url.host, port: url.port)
        } catch { throw .unknownHost(url.host, reason: error.description) }
        var failure = ExchangeError.unreachable(host: url.host, reason: "it has no address")
        for address in addresses {
            // Whatever the name service says, nothing leaves this machine unencrypted.
            guard url.isSecure || address.isLoopback else { throw .notSecure(host: url.host) }
            do throws(ExchangeError) {
                return Connected(address: address, socket: try connect(address, timing))
            } catch { failure = error }
        }
        throw failure
    }

    /// A connection, and where it leads.
    struct Connected: ~Copyable {
        let address: HostAddress
        let socket: Socket

        consuming func takeSocket() -> Socket { socket }
    }

    private func connect(
        _ address: HostAddress,
        _ timing: ExchangeTiming
    ) throws(ExchangeError) -> Socket {
        do throws(SystemError) {
            let socket = try Socket.connecting(to: address)
            let limit = min(timing.deadline, LoopInstant.now.advanced(by: configuration.connectTimeout))
            guard socket.waits(for: .toSend, until: limit) else { throw SystemError.connectTimeout }
            if let error = socket.connectionError() { throw error }
            return socket
        } catch {
            if timing.isOver { throw timing.timeout }
            throw .unreachable(host: timing.host, reason: error.description)
        }
    }

    private func answer(_ channel: ClientChannel, _ url: RemoteURL) throws(ExchangeError) -> ReceivedResponse
    {
        var parser = ResponseParser(limits: configuration.limits)
        while let bytes = try channel.receive() {
            parser.append(bytes)
            do throws(ResponseFault) {
                if let response = try parser.next() { return response }
            } catch { throw .response(host: url.host, error) }
        }
        guard channel.endIsCertain, let response = parser.finish() else {
            throw .incomplete(host: url.host)
        }
        return response
    }
}
