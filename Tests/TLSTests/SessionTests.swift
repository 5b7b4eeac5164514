import COpenSSL
import Foundation
import TLS
import TestSupport
import Testing

/// A certificate and key in files of their own, removed at the end.
final class CertificateFiles {
    let folder: String

    var certificate: String { folder + "/certificate.pem" }
    var key: String { folder + "/key.pem" }

    init(hosts: [String] = ["localhost", "127.0.0.1"]) throws {
        folder = NSTemporaryDirectory() + "tls-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try replace(hosts: hosts)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func replace(hosts: [String] = ["localhost"]) throws {
        let pair = try SelfSignedCertificate.make(hosts: hosts, validDays: 2)
        try pair.certificatePEM.write(toFile: certificate, atomically: true, encoding: .utf8)
        try pair.keyPEM.write(toFile: key, atomically: true, encoding: .utf8)
    }
}

/// A server session and a client over a pair of sockets, driven in turn.
final class Pair {
    let server: TLSSession
    let client: TLSClient
    private let descriptor: Int32

    init(_ context: TLSContext, client make: (Int32) -> TLSClient?) throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        descriptor = pair[0]
        server = try context.makeSession(descriptor: pair[0])
        client = try #require(make(pair[1]))
    }

    deinit { close(descriptor) }

    /// Whether both sides completed the handshake.
    func handshake() -> Bool {
        var isServerReady = false
        var isClientReady = false
        for _ in 0..<10 {
            if !isClientReady {
                switch client.handshake() {
                case .ready: isClientReady = true
                case .blocked: break
                default: return false
                }
            }
            if !isServerReady {
                server.socketBecameReadable()
                switch server.handshake() {
                case .ready: isServerReady = true
                case .wantsRead, .wantsWrite: break
                default: return false
                }
            }
            if isServerReady, isClientReady { return true }
        }
        return false
    }

    /// What the server reads now, as text; nil when it cannot.
    func serverReads() -> String? {
        server.socketBecameReadable()
        var buffer = [UInt8](repeating: 0, count: 20000)
        var span = buffer.mutableSpan
        guard case .bytes(let count) = server.read(into: &span) else { return nil }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}

@Suite("TLS sessions")
struct SessionTests {
    @Test(
        "TLS 1.3 and 1.2 with ECDHE and AEAD are spoken, http/1.1 is chosen, nothing can be resumed",
        arguments: [
            (TLS1_3_VERSION, "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
            (TLS1_2_VERSION, "TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ]
    )
    func versions(highest: Int32, name: String, suite: String) throws {
        let files = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let pair = try Pair(context) {
            TLSClient(
                owning: $0,
                authorityFile: files.certificate,
                host: "localhost",
                protocols: ["h2", "http/1.1"],
                highest: highest
            )
        }
        #expect(pair.handshake())
        #expect(pair.client.version == name)
        #expect(pair.server.version == name)
        #expect(pair.client.cipherSuite == suite)
        #expect(pair.client.applicationProtocol == "http/1.1")
        #expect(pair.client.send("hello") == .ready)
        #expect(pair.serverReads() == "hello")
        #expect(pair.server.write([UInt8]("answer".utf8).span) == .bytes(6))
        #expect(pair.client.receive() == .bytes(Array("answer".utf8)))
        #expect(!pair.client.isResumable)
        pair.server.finishSending()
        #expect(pair.client.receive() == .end)
    }

    @Test(
        "A session tells when reading gives nothing before the socket has bytes again, and never while it holds some",
        arguments: [TLS1_3_VERSION, TLS1_2_VERSION]
    )
    func holdsMore(highest: Int32) throws {
        let files = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let pair = try Pair(context) { TLSClient(owning: $0, highest: highest) }
        #expect(pair.handshake())
        var buffer = [UInt8](repeating: 0, count: 4)
        /// What reading gives until the session tells that there is no more.
        func readAll() -> String {
            var text = ""
            while pair.server.mayHoldMore {
                var span = buffer.mutableSpan
                guard case .bytes(let count) = pair.server.read(into: &span) else { break }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return text
        }
        // Records that come together, and such as are longer than what is read at a time.
        for texts in [["hi"], ["hi", "ho"], ["four", "longer than the buffer", "x"], ["four"]] {
            for text in texts { #expect(pair.client.send(text) == .ready) }
            pair.server.socketBecameReadable()
            #expect(readAll() == texts.joined())
            #expect(!pair.server.mayHoldMore)
            var span = buffer.mutableSpan
            #expect(pair.server.read(into: &span) == .wantsRead)
        }
        pair.server.peerFinished()
        #expect(pair.server.mayHoldMore)
    }

    @Test("TLS 1.1 and 1.0 are refused", arguments: [TLS1_1_VERSION, TLS1_VERSION])
    func oldVersions(version: Int32) throws {
        let files = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let pair = try Pair(context) { TLSClient(owning: $0, lowest: version, highest: version) }
        #expect(!pair.handshake())
    }

    @Test("RFC 7301: a client that offers only other protocols is refused, one that offers none is served")
    func protocols() throws {
        let files = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        #expect(!(try Pair(context) { TLSClient(owning: $0, protocols: ["h2"]) }.handshake()))
        #expect(try Pair(context) { TLSClient(owning: $0) }.handshake())
    }

    @Test("Bytes that are no TLS end the handshake")
    func plainText() throws {
        let files = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        let session = try context.makeSession(descriptor: pair[0])
        #expect(session.handshake() == .wantsRead)
        write(pair[1], "GET / HTTP/1.1\r\n\r\n", 18)
        // Without word from the loop the socket counts as empty.
        #expect(session.handshake() == .wantsRead)
        session.socketBecameReadable()
        #expect(session.handshake() == .failed)
        close(pair[0])
        close(pair[1])
    }

    @Test("After a reload new sessions have the new certificate, and old ones go on")
    func reload() throws {
        let files = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let old = try Pair(context) { TLSClient(owning: $0) }
        #expect(old.handshake())
        try files.replace()
        try context.reload()
        let new = try Pair(context) { TLSClient(owning: $0) }
        #expect(new.handshake())
        #expect(old.client.certificate != new.client.certificate)
        #expect(old.client.send("still") == .ready)
        #expect(old.serverReads() == "still")
    }

    @Test("A reload of a broken pair fails and changes nothing")
    func failedReload() throws {
        let files = try CertificateFiles()
        let other = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let key = try String(contentsOfFile: files.key, encoding: .utf8)
        try String(contentsOfFile: other.key, encoding: .utf8)
            .write(toFile: files.key, atomically: true, encoding: .utf8)
        #expect(throws: TLSError.keyMismatch) { try context.reload() }
        try "nothing".write(toFile: files.key, atomically: true, encoding: .utf8)
        #expect(throws: TLSError.self) { try context.reload() }
        try key.write(toFile: files.key, atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: files.certificate)
        #expect(throws: TLSError.self) { try context.reload() }
        #expect(try Pair(context) { TLSClient(owning: $0) }.handshake())
    }
}

@Suite("Self-signed certificates")
struct SelfSignedCertificateTests {
    @Test(
        "A client that is given the certificate trusts it for each host and for no other",
        arguments: [
            ("localhost", true), ("scim.example", true), ("127.0.0.1", true), ("::1", true),
            ("other.example", false), ("127.0.0.2", false),
        ]
    )
    func trust(host: String, isTrusted: Bool) throws {
        let files = try CertificateFiles(hosts: ["localhost", "scim.example", "127.0.0.1", "::1"])
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let pair = try Pair(context) { TLSClient(owning: $0, authorityFile: files.certificate, host: host) }
        #expect(pair.handshake() == isTrusted)
    }

    @Test("A certificate of another key is not trusted")
    func distrust() throws {
        let files = try CertificateFiles()
        let other = try CertificateFiles()
        let context = try TLSContext(certificateFile: files.certificate, keyFile: files.key)
        let pair = try Pair(context) {
            TLSClient(owning: $0, authorityFile: other.certificate, host: "localhost")
        }
        #expect(!pair.handshake())
    }

    @Test("What is neither name nor address is refused", arguments: ["a,DNS:b", "", "a b", "x\ny"])
    func badHosts(host: String) {
        #expect(throws: TLSError.self) { try SelfSignedCertificate.make(hosts: [host], validDays: 1) }
    }
}
