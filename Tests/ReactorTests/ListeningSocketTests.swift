import Glibc
import Reactor
import Testing

@Suite("Listening sockets")
struct ListeningSocketTests {
    @Test("Accepted connections are tuned by what they inherit", arguments: [false, true])
    func inheritance(isInherited: Bool) async throws {
        func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
            var value: Int32 = -1
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, level, name, &value, &length)
            return value
        }
        let own = try ListeningSocket.ip(host: "127.0.0.1", port: 0)
        let listener =
            isInherited
            ? try ListeningSocket.inherited(dup(own.descriptor)) : try .ip(host: "127.0.0.1", port: 0)
        let client = try Socket.connecting(to: "127.0.0.1", port: listener.localAddress.port)
        let accepted = try #require(try listener.accept())
        defer { close(accepted.descriptor) }
        #expect(option(accepted.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
        #expect(option(accepted.descriptor, SOL_SOCKET, SO_KEEPALIVE) != 0)
        #expect(option(accepted.descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT) == 30_000)
        #expect(option(accepted.descriptor, SOL_SOCKET, SO_SNDBUF) == 256 * 1024)
        #expect(option(client.descriptor, SOL_SOCKET, SO_KEEPALIVE) == 0)
    }

    @Test(
        "Addresses are told as text, mapped IPv4 as IPv4",
        arguments: [
            ("127.0.0.1", "127.0.0.1", true),
            ("::1", "::1", true),
            ("::ffff:192.0.2.7", "192.0.2.7", false),
            ("2001:DB8:0::1", "2001:db8::1", false),
        ]
    )
    func text(given: String, text: String, isLoopback: Bool) throws {
        let address = try #require(SocketAddress(host: given, port: 7))
        #expect(address.host == text)
        #expect(address.port == 7)
        #expect(address.isLoopback == isLoopback)
    }

    @Test("Names are no addresses", arguments: ["localhost", "", "1.2.3", "::g"])
    func noText(given: String) {
        #expect(SocketAddress(host: given, port: 7) == nil)
    }

    @Test("IPv4 addresses are counted one by one, IPv6 addresses by their /64")
    func origins() {
        func origin(_ host: String) -> UInt64? { SocketAddress(host: host, port: 1)?.origin }
        #expect(origin("192.0.2.1") == origin("::ffff:192.0.2.1"))
        #expect(origin("192.0.2.1") != origin("192.0.2.2"))
        #expect(origin("2001:db8::1") == origin("2001:db8::ffff:2"))
        #expect(origin("2001:db8::1") != origin("2001:db8:0:1::1"))
    }

    @Test("A Unix socket has its mode, knows the peer's user, replaces a dead socket and goes away")
    func local() async throws {
        let path = "/tmp/reactor-test-\(getpid()).sock"
        unlink(path)
        do {
            let socket = try ListeningSocket.local(path: path, mode: 0o640)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o640)
            let client = try Socket.connecting(toPath: path)
            let accepted = try #require(try socket.accept())
            #expect(accepted.userID == getuid())
            #expect(accepted.peer.host == nil)
            #expect(try socket.accept().map(\.descriptor) == nil)
            close(accepted.descriptor)
            _ = client.descriptor
            // In use: refused.
            #expect(throws: SystemError("bind", EADDRINUSE)) {
                _ = try ListeningSocket.local(path: path, mode: 0o600)
            }
        }
        var status = stat()
        #expect(stat(path, &status) != 0)
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        close(file)
        #expect(throws: SystemError("bind", EADDRINUSE)) {
            _ = try ListeningSocket.local(path: path, mode: 0o600)
        }
        #expect(stat(path, &status) == 0)
        unlink(path)
    }
}
