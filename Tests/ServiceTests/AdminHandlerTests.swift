import Directory
import HTTP
import Logging
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("The administration interface")
struct AdminHandlerTests {
    @Test(
        "A compressed body is 415 with what would be read, and nothing is done; identity is no coding",
        arguments: [("gzip", 415), ("identity", 201)]
    )
    func contentCoding(coding: String, status: UInt16) async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let handler = AdminHandler(
            administration: service.administration,
            directory: service.directory,
            features: ServiceProviderFeatures(),
            publicURL: service.publicURL,
            allowedUsers: [0],
            userName: { "\($0)" },
            check: { [] },
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let request = Request(
            method: .post,
            target: try Target("/tenants"),
            fields: Fields([(.contentEncoding, coding)]),
            body: Array(#"{"name":"acme"}"#.utf8),
            peer: Peer(address: nil, userID: 0, isSecure: false)
        )
        let response =
            switch handler.handle(request) {
            case .ready(let response): response
            case .pending(let operation): await operation()
            }
        #expect(response.status.code == status)
        #expect(response[FieldName.acceptEncoding] == (status == 415 ? "identity" : nil))
        #expect(try service.administration.tenants().count == (status == 415 ? 0 : 1))
    }
}
