import Glibc
import Reactor
import Testing

@Suite("Listening sockets")
struct ListeningSocketTests {
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
