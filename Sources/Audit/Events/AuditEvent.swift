/// What happened: the closed list of everything the trail tells, one case per message id.
///
/// A name and an id never change their meaning; a changed meaning is a new event.
/// Nothing makes those yet that `docs/reference/audit.md` marks "Not yet": their names are reserved for what is to come.
package enum AuditEvent: String, Sendable, Hashable, CaseIterable {
    case userCreate = "user.create"
    case userReplace = "user.replace"
    case userUpdate = "user.update"
    case userActivate = "user.activate"
    case userDeactivate = "user.deactivate"
    case userPassword = "user.password"
    case userDelete = "user.delete"

    case groupCreate = "group.create"
    case groupReplace = "group.replace"
    case groupUpdate = "group.update"
    case groupMembers = "group.members"
    case groupDelete = "group.delete"

    case resourceCreate = "resource.create"
    case resourceUpdate = "resource.update"
    case resourceDelete = "resource.delete"

    case bulkRequest = "bulk.request"

    case authFailure = "auth.failure"

    case accessDenied = "access.denied"

    case rateLimited = "rate.limited"

    case requestRejected = "request.rejected"

    case resourceRead = "resource.read"
    case resourceSearch = "resource.search"

    case tenantCreate = "tenant.create"
    case tenantUpdate = "tenant.update"
    case tenantSuspend = "tenant.suspend"
    case tenantResume = "tenant.resume"
    case tenantDelete = "tenant.delete"

    case tokenIssue = "token.issue"
    case tokenRotate = "token.rotate"
    case tokenRevoke = "token.revoke"
    case tokenRetire = "token.retire"
    case tokenExpiring = "token.expiring"
    case tokenExpired = "token.expired"

    case schemaChange = "schema.change"

    case importStart = "import.start"
    case importStop = "import.stop"

    case consoleLink = "console.link"
    case consoleSignIn = "console.signin"
    case consoleRefused = "console.refused"
    case consoleSignOut = "console.signout"
    case consoleRehearse = "console.rehearse"

    case configReload = "config.reload"

    case serviceStart = "service.start"
    case serviceStop = "service.stop"

    case clockAhead = "clock.ahead"
    case clockBehind = "clock.behind"

    case storeSnapshot = "store.snapshot"
    case storeRestore = "store.restore"

    case auditCheckpoint = "audit.checkpoint"
    case auditReplay = "audit.replay"
    case auditDegraded = "audit.degraded"
    case auditRecovered = "audit.recovered"
    case auditRefusing = "audit.refusing"
    case auditPolicy = "audit.policy"
    case auditVerify = "audit.verify"

    /// The name, as `SCIM_EVENT` gives it.
    package var name: String { rawValue }
}

extension AuditEvent {
    /// The fixed `MESSAGE_ID`: 32 lower-case hexadecimal digits.
    package var messageID: String {
        switch self {
        case .userCreate: "bf280c0e63aa40fc9d810b792cf7169f"
        case .userReplace: "bc39bc465f274e809441f17749c8fff6"
        case .userUpdate: "c2ec38bcbaa543aa97bebeda786bab84"
        case .userActivate: "0e4d90a8a8654e1b83b0a1a88b011656"
        case .userDeactivate: "f72655e2778b4c0da565b757983f771a"
        case .userPassword: "20ed1ca535a54a5aac045154082fc11b"
        case .userDelete: "0555c8f8240b4446846ff2bab0c11b3b"
        case .groupCreate: "993bcd7eb4cf4378b7340401032705e5"
        case .groupReplace: "9e304e3c926e4730b975eeda39185613"
        case .groupUpdate: "a4cacbc4ad644aedb9e837c17ed281f1"
        case .groupMembers: "897ada4153c14ccabdeca0ec3a779729"
        case .groupDelete: "235a534e55fd46b8bc8efe0ea0d9bfe2"
        case .resourceCreate: "058aa2a1030c4242b7ad349f36f13c1f"
        case .resourceUpdate: "b9860e287c534e17b67d62828c2a2fac"
        case .resourceDelete: "9d35d29f9e3a49e3818a3cd7f1c915da"
        case .bulkRequest: "a4c0e45ad24d4bd789590e25c3b85440"
        case .authFailure: "431f2208302843ed8f09c595ae4dec22"
        case .accessDenied: "9c6d4045d3ba406f9cdd5ee681790536"
        case .rateLimited: "b1e52f74a6e047a98682166953f4be5a"
        case .requestRejected: "00be4f02be674bc7a4662fa18aac1aad"
        case .resourceRead: "6e9a6444b0314a0caeb63149da142a93"
        case .resourceSearch: "5dcda18d89db4b31914ee8ac6dc8474f"
        case .tenantCreate: "f456eb947d764cdd9e157c5fab57b80c"
        case .tenantUpdate: "c0bb8fe3bf394897874638aa6e7a775e"
        case .tenantSuspend: "75716f523f3a440eb5ea610bde652fdc"
        case .tenantResume: "ee7b261be47b4215ae3c1c89c3de5f81"
        case .tenantDelete: "c261a1ebe2454a9799177c232c4e9c56"
        case .tokenIssue: "5952f493b8f34104a06307ee00dca69d"
        case .tokenRotate: "efab8ea3a85342228fa6fe74fb1a95ed"
        case .tokenRevoke: "a0f2ff3b73c3440a8ac67347279bf631"
        case .tokenRetire: "93e87ab3449d49159701f7c0f8941c6c"
        case .tokenExpiring: "2aecbd5e7db94740a2a5b7c51dfa56a8"
        case .tokenExpired: "d1bef51de5d8431a801b56cd2d307dae"
        case .schemaChange: "3ac70d3c53dd4c95b2d314660533eb6a"
        case .importStart: "708b33af446a42858f75fa457ac9f78b"
        case .importStop: "b1ba3a2b3fdf4a49a1314d6ee8d3f42e"
        case .consoleLink: "61229e89121e46a38f8c309958e5257d"
        case .consoleSignIn: "dd3a87b11e684d2cbc981ecf2032ce53"
        case .consoleRefused: "3b5c2770a7a14c49b213f5a38e9df8d5"
        case .consoleSignOut: "06c562fcd8a0494ca06b6830a96c0927"
        case .consoleRehearse: "2728ba0448914c27925466310c6dbfa0"
        case .configReload: "5249f3f52daa4a52971b95e9f23952bc"
        case .serviceStart: "07d5d7e1396a421188b54a4466913341"
        case .serviceStop: "11621a794964425ab49a129fe41c2c9f"
        case .clockAhead: "9d1c0a5e7f3b4c62a8d4e16b53f7902c"
        case .clockBehind: "4b7e2f9813dd4a0c9c55e0d2a16f38b7"
        case .storeSnapshot: "6416edb4c0074b5ebef6e8e108d89355"
        case .storeRestore: "2cf0ea3f3bbc4da7b8cd4b6e18edf822"
        case .auditCheckpoint: "ba1756c3ea414d80b94a0595f54ddfaa"
        case .auditReplay: "3632fb6940c24d52b04f71cdd0e4d4bf"
        case .auditDegraded: "ee9a3cb5736c4aac85e82f98679a5b77"
        case .auditRecovered: "f6ef43f76fd74196ac209e30f3b2302d"
        case .auditRefusing: "72da60ecc8f344a9813f009bb9327aa4"
        case .auditPolicy: "68f629e1a3864cd7ab4d9448f6a88b1e"
        case .auditVerify: "57dadce6e5924731a642060a04dcb32d"
        }
    }
}

extension AuditEvent {
    /// The `PRIORITY` of a success, 0 to 7; nil if the event never tells of one.
    ///
    /// Successes and failures differ, so that they lie in different pools of journald's rate limit: a flood of
    /// refusals does not displace the record of a change.
    package var successPriority: UInt8? {
        switch self {
        case .authFailure, .accessDenied, .rateLimited, .requestRejected, .consoleRefused, .auditDegraded,
            .auditRefusing, .clockAhead, .clockBehind:
            nil
        case .tokenExpiring, .tokenExpired, .storeRestore, .auditReplay: 4
        case .resourceRead, .resourceSearch, .serviceStart, .serviceStop, .storeSnapshot, .auditCheckpoint,
            .auditVerify:
            6
        default: 5
        }
    }

    /// The `PRIORITY` of a failure, 0 to 7; nil if the event never tells of one.
    ///
    /// journald writes to disk at once for 0 to 2.
    package var failurePriority: UInt8? {
        switch self {
        case .tokenExpiring, .tokenExpired, .consoleLink, .consoleSignOut, .consoleRehearse,
            .importStart, .importStop, .auditRecovered:
            nil
        case .auditRefusing, .auditVerify: 2
        case .serviceStart, .serviceStop, .storeSnapshot, .storeRestore, .auditCheckpoint, .auditReplay,
            .auditDegraded:
            3
        default: 4
        }
    }

    /// Whether the event refuses a request before any resource was known; equal ones are coalesced.
    package var isRefusal: Bool {
        switch self {
        case .authFailure, .accessDenied, .rateLimited, .requestRejected, .consoleRefused: true
        default: false
        }
    }
}
