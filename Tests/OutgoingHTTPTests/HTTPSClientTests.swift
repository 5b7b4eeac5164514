import Foundation
import HTTP
import OutgoingHTTP
import Reactor
import TLS
import TestSupport
import Testing

@Suite("HTTPS client")
struct HTTPSClientTests {
    private static let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    private static let ignore: @Sendable (String) -> [ScriptedServer.Step] = { _ in [] }

    /// What a client gets of a server; it blocks, so it is done on a thread that may.
    private func exchange(
        _ steps: [ScriptedServer.Step],
        host: String = "127.0.0.1",
        certificate hosts: [String] = ["127.0.0.1", "localhost"],
        trusted: Bool = true,
        isPlain: Bool = false,
        _ configure: (inout HTTPSClient.Configuration) -> Void = { _ in }
    ) async throws -> Result<ReceivedResponse, ExchangeError> {
        let certificate = try TestCertificate(hosts: hosts)
        let server = try ScriptedServer(tls: isPlain ? nil : certificate.context()) { _ in steps }
        var configuration = HTTPSClient.Configuration()
        // The machine may have much else to do.
        configuration.exchangeTimeout = .seconds(60)
        configuration.connectTimeout = .seconds(60)
        configuration.trust = .file(
            trusted ? certificate.certificateFile : try TestCertificate.other.certificateFile
        )
        configure(&configuration)
        let client = try HTTPSClient(configuration)
        let url = try #require(RemoteURL("\(isPlain ? "http" : "https")://\(host):\(server.port)/x"))
        return await blocking {
            // The server lives until the exchange is over.
            withExtendedLifetime((server, certificate)) {
                Result { () throws(ExchangeError) in try client.exchange(OutgoingRequest(.get, url)) }
            }
        }
    }

    @Test("An answer comes over TLS, from a server that the CA file vouches for by address and by name")
    func answer() async throws {
        for host in ["127.0.0.1", "localhost"] {
            let response = try await exchange([.send(Self.good), .finish], host: host).get()
            #expect(response.status == .ok)
            #expect(response.body == Array("hi".utf8))
        }
    }

    @Test("A server whose certificate is for another host is refused, by name and by address")
    func wrongHost() async throws {
        for (host, certificate) in [
            ("localhost", ["127.0.0.1"]), ("127.0.0.1", ["localhost"]), ("localhost", ["other.example"]),
        ] {
            let result = try await exchange([.send(Self.good)], host: host, certificate: certificate)
            guard case .failure(.untrusted(host, let reason)) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect(reason.contains("mismatch"), "\(reason)")
        }
    }

    @Test("A certificate that nobody vouches for is refused, by a CA file and by the system's authorities")
    func untrusted() async throws {
        for trust in [false, true] {
            let result = try await exchange([.send(Self.good)], trusted: false) { configuration in
                if trust { configuration.trust = .system }
            }
            guard case .failure(.untrusted("127.0.0.1", _)) = result else {
                Issue.record("\(result)")
                continue
            }
        }
    }

    @Test("A CA file that is missing, or has no certificate, is refused at the start")
    func noTrust() throws {
        let certificate = try TestCertificate()
        for file in [certificate.folder + "/none.pem", certificate.keyFile] {
            #expect(throws: TLSError.self) {
                var configuration = HTTPSClient.Configuration()
                configuration.trust = .file(file)
                _ = try HTTPSClient(configuration)
            }
        }
    }

    @Test("A chunked answer is put together, however it is sent")
    func chunked() async throws {
        let steps: [ScriptedServer.Step] = [
            .send("HTTP/1.1 200 OK\r\nTransfer-Enc"), .pause(milliseconds: 5),
            .send("oding: chunked\r\n\r\n3\r\nab"), .pause(milliseconds: 5), .send("c\r\n2\r\nde\r\n"),
            .send("0\r\n\r\n"), .wait,
        ]
        #expect(try await exchange(steps).get().body == Array("abcde".utf8))
    }

    @Test(
        "An answer up to the end is taken if the server said that it ends, and refused if the connection just broke"
    )
    func untilEnd() async throws {
        let head = "HTTP/1.1 200 OK\r\n\r\nabc"
        #expect(try await exchange([.send(head), .finish]).get().body == Array("abc".utf8))
        await #expect(throws: ExchangeError.incomplete(host: "127.0.0.1")) {
            try await exchange([.send(head)]).get()
        }
    }

    @Test(
        "An answer that breaks off is refused, in its head, its content and its chunks, also after a proper end"
    )
    func truncated() async throws {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "",
        ] {
            for end in [[], [ScriptedServer.Step.finish]] {
                await #expect(throws: ExchangeError.incomplete(host: "127.0.0.1")) {
                    try await exchange([.send(text)] + end).get()
                }
            }
        }
    }

    @Test("An answer over the limit is refused, whether or not it says its length")
    func tooLarge() async throws {
        for head in ["Content-Length: 11\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n"] {
            let result = try await exchange([
                .send("HTTP/1.1 200 OK\r\n\(head)" + String(repeating: "x", count: 11)), .wait,
            ]) { $0.limits.bodyBytesMax = 10 }
            #expect(throws: ExchangeError.response(host: "127.0.0.1", .bodyTooLarge(limit: 10))) {
                try result.get()
            }
        }
        let fields = String(repeating: "A: b\r\n", count: 101)
        await #expect(throws: ExchangeError.response(host: "127.0.0.1", .headTooLarge)) {
            try await exchange([.send("HTTP/1.1 200 OK\r\n\(fields)"), .wait]).get()
        }
    }

    @Test("A server that is slow, or sends byte by byte, takes no longer than the exchange may")
    func slow() async throws {
        let drip = Array("HTTP/1.1 200 OK\r\nA: bcdefghijklmnopqrstuvwxyz".utf8).flatMap {
            [ScriptedServer.Step.send(String(UnicodeScalar($0))), .pause(milliseconds: 100)]
        }
        for steps in [[.wait], [.send("HTTP/1.1 200"), .wait], drip] {
            let start = ContinuousClock.now
            await #expect(throws: ExchangeError.timeout(host: "127.0.0.1", seconds: 1)) {
                try await exchange(steps) { $0.exchangeTimeout = .seconds(1) }.get()
            }
            #expect(ContinuousClock.now - start > .milliseconds(900))
        }
    }

    @Test("A redirection is refused and not followed", arguments: [301, 302, 303, 307, 308])
    func redirected(status: Int) async throws {
        let head = "HTTP/1.1 \(status) X\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
        await #expect(throws: ExchangeError.redirected(host: "127.0.0.1", status: status)) {
            try await exchange([.send(head), .finish]).get()
        }
    }

    @Test("http is refused, but to this machine if that is allowed")
    func plain() async throws {
        await #expect(throws: ExchangeError.notSecure(host: "127.0.0.1")) {
            try await exchange([.send(Self.good)], isPlain: true).get()
        }
        let response = try await exchange([.send(Self.good)], host: "localhost", isPlain: true) {
            $0.allowsPlainLoopback = true
        }
        #expect(try response.get().body == Array("hi".utf8))
        var configuration = HTTPSClient.Configuration()
        configuration.allowsPlainLoopback = true
        let client = try HTTPSClient(configuration)
        for host in ["192.0.2.1", "id.example", "127.0.0.1.example"] {
            let url = try #require(RemoteURL("http://\(host)/"))
            #expect(throws: ExchangeError.notSecure(host: host)) {
                try client.exchange(OutgoingRequest(.get, url))
            }
        }
    }

    @Test("Nobody listening, no such host and a server that speaks no TLS are told apart")
    func unreachable() async throws {
        var configuration = HTTPSClient.Configuration()
        configuration.exchangeTimeout = .seconds(2)
        let client = try HTTPSClient(configuration)
        func failure(_ text: String) async throws -> ExchangeError? {
            let url = try #require(RemoteURL(text))
            return await blocking {
                do throws(ExchangeError) {
                    _ = try client.exchange(OutgoingRequest(.get, url))
                    return nil
                } catch { return error }
            }
        }
        // A port that was given to somebody who has left.
        let port = try ScriptedServer(tls: nil, Self.ignore).port
        guard case .unreachable("127.0.0.1", let reason)? = try await failure("https://127.0.0.1:\(port)/")
        else {
            Issue.record("nobody listens")
            return
        }
        #expect(reason.contains("refused"), "\(reason)")
        guard case .unknownHost("nobody.invalid", _)? = try await failure("https://nobody.invalid/") else {
            Issue.record("there is no such host")
            return
        }
        let plain = try ScriptedServer(tls: nil) { _ in [.send(Self.good)] }
        let other = try await failure("https://127.0.0.1:\(plain.port)/")
        // It waits for the end of a line that never comes, unless it answers at once.
        switch other {
        case .handshake("127.0.0.1", _), .timeout: break
        default: Issue.record("\(String(describing: other))")
        }
    }

    @Test("A server that has nothing newer than TLS 1.1 is refused, and one with TLS 1.2 is not")
    func oldTLS() async throws {
        let certificate = try TestCertificate()
        for (version, isAccepted) in [("-tls1_1", false), ("-tls1_2", true)] {
            let result = try await blocking {
                () -> Result<Result<ReceivedResponse, ExchangeError>, any Error> in
                Result {
                    let server = try OpenSSLServer(certificate, version)
                    defer { server.stop() }
                    var configuration = HTTPSClient.Configuration()
                    configuration.trust = .file(certificate.certificateFile)
                    let client = try HTTPSClient(configuration)
                    let url = try #require(RemoteURL("https://127.0.0.1:\(server.port)/"))
                    return Result { () throws(ExchangeError) in
                        try client.exchange(OutgoingRequest(.get, url))
                    }
                }
            }.get()
            switch result {
            case .success: #expect(isAccepted)
            case .failure(.handshake("127.0.0.1", let reason)):
                #expect(!isAccepted && reason.contains("version"), "\(reason)")
            case .failure(let error): Issue.record("\(version): \(error)")
            }
        }
    }
}

extension TestCertificate {
    /// Of somebody else.
    fileprivate static var other: TestCertificate {
        get throws { try shared.get() }
    }

    private static let shared = Result { try TestCertificate() }
}

/// Runs what blocks on a thread of its own.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

/// OpenSSL's own test server, which can be held to a version of TLS.
private struct OpenSSLServer {
    let port: UInt16
    private let process = Process()

    init(_ certificate: TestCertificate, _ version: String) throws {
        // One that was free a moment ago.
        port = try ListeningSocket.ip(host: "127.0.0.1", port: 0).localAddress.port
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:\(port)", version, "-cipher", "DEFAULT@SECLEVEL=0", "-www",
            "-cert", certificate.certificateFile, "-key", certificate.keyFile,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = Pipe()
        try process.run()
        // It does not say when it listens, as its output is buffered.
        for _ in 0..<500 {
            if let socket = try? Socket.connecting(to: "127.0.0.1", port: port),
                socket.waits(for: .toSend, until: .now.advanced(by: .seconds(1))),
                socket.connectionError() == nil
            {
                return
            }
            usleep(10_000)
        }
    }

    /// Other tests in this process block signals that can be blocked, and children inherit that.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
