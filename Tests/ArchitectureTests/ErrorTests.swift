import Foundation
import HTTP
import Identity
import Load
import Reactor
import SCIM
import Server
import Storage
import TLS
import Tenancy
import Testing

@Suite("Errors")
struct ErrorTests {
    @Test("Every error says in words what it is, so that nobody reads a Swift value")
    func describeThemselves() throws {
        let declaration = #/(?:enum|struct|class) ([A-Za-z]+): (.*\bError\b.*)/#
        var count = 0
        for file in try SourceFile.all(under: "Sources") {
            for line in file.lines where !line.contains("//") {
                guard let match = line.firstMatch(of: declaration) else { continue }
                count += 1
                #expect(match.2.contains("CustomStringConvertible"), "\(file.path): \(match.1)")
            }
        }
        #expect(count > 15)
    }

    @Test("What errors say has no names of cases or labels in it")
    func areClauses() {
        let errors: [any Error] = [
            StoreError.inUse(holder: "pharos-scim (pid 7)"), StoreError.corrupt("row 7"), StoreError.full,
            StoreError.newerFormat(9, reader: nil), StoreError.system(code: 5), DirectoryError.storage(.full),
            TLSError.certificate(file: "cert.pem", reason: "no start line"),
            TLSError.key(file: "key.pem", reason: "no start line"), TLSError.keyMismatch,
            ServerError.cannotListen("127.0.0.1:443", SystemError("bind", 13)),
            ServerError.certificateMissing("127.0.0.1:443"), HostError("open /nowhere", code: 2),
            AdministrationError.store(.closed), AdministrationError.invalidOverlap,
            Rejection.bodyTooLarge(limit: 7), ResponseFault.bodyTooLarge(limit: 7),
            KeyError.size(bits: 1_024),
            ExchangeError.untrusted(host: "id.example", reason: "self-signed certificate"),
            ExchangeError.response(host: "id.example", .malformed("the status line is too short")),
            TokenError.wrongAudience(clientID: "a"), TokenError.unusableKey(nil, .weak),
            TokenError.expired(secondsAgo: 7),
            DocumentError.tooMany("keys", most: 7), ProviderError.wrongIssuer(expected: "a", found: "b"),
            ProviderError.exchange(.keySet, .timeout(host: "id.example", seconds: 7)),
            ProviderError.tokenRefused(error: "invalid_client", sentence: nil),
            AnswerError.refused(.accessDenied, error: "access_denied", sentence: "no"), AnswerError.foreign,
            SignInError.token(.emptyAudience), ConfigurationError.issuer, LoadError.failing(.timeout),
            Survey.Fault.answer(status: 429, .lookUp), LoadError.unauthorized(status: 401),
        ]
        for error in errors {
            let text = "\(error)"
            #expect(text.contains(" "), "\(text)")
            #expect(!text.contains("\"") && !text.contains("StoreError"), "\(text)")
            // A label, as Swift prints it: `(code: 5)`.
            #expect(text.firstMatch(of: #/\([a-z]+: /#) == nil || text.contains("(bind: "), "\(text)")
        }
    }
}
