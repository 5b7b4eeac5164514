import Audit

/// The registry of events, written down a second time: an id or a priority that changes by accident is found.
enum EventRegistry {
    struct Entry: Sendable {
        let event: AuditEvent
        let name: String
        let messageID: String
        let success: UInt8?
        let failure: UInt8?
    }

    static let entries: [Entry] = [
        Entry(
            event: .userCreate,
            name: "user.create",
            messageID: "bf280c0e63aa40fc9d810b792cf7169f",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .userReplace,
            name: "user.replace",
            messageID: "bc39bc465f274e809441f17749c8fff6",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .userUpdate,
            name: "user.update",
            messageID: "c2ec38bcbaa543aa97bebeda786bab84",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .userActivate,
            name: "user.activate",
            messageID: "0e4d90a8a8654e1b83b0a1a88b011656",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .userDeactivate,
            name: "user.deactivate",
            messageID: "f72655e2778b4c0da565b757983f771a",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .userPassword,
            name: "user.password",
            messageID: "20ed1ca535a54a5aac045154082fc11b",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .userDelete,
            name: "user.delete",
            messageID: "0555c8f8240b4446846ff2bab0c11b3b",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .groupCreate,
            name: "group.create",
            messageID: "993bcd7eb4cf4378b7340401032705e5",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .groupReplace,
            name: "group.replace",
            messageID: "9e304e3c926e4730b975eeda39185613",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .groupUpdate,
            name: "group.update",
            messageID: "a4cacbc4ad644aedb9e837c17ed281f1",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .groupMembers,
            name: "group.members",
            messageID: "897ada4153c14ccabdeca0ec3a779729",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .groupDelete,
            name: "group.delete",
            messageID: "235a534e55fd46b8bc8efe0ea0d9bfe2",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .resourceCreate,
            name: "resource.create",
            messageID: "058aa2a1030c4242b7ad349f36f13c1f",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .resourceUpdate,
            name: "resource.update",
            messageID: "b9860e287c534e17b67d62828c2a2fac",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .resourceDelete,
            name: "resource.delete",
            messageID: "9d35d29f9e3a49e3818a3cd7f1c915da",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .bulkRequest,
            name: "bulk.request",
            messageID: "a4c0e45ad24d4bd789590e25c3b85440",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .authFailure,
            name: "auth.failure",
            messageID: "431f2208302843ed8f09c595ae4dec22",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .accessDenied,
            name: "access.denied",
            messageID: "9c6d4045d3ba406f9cdd5ee681790536",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .rateLimited,
            name: "rate.limited",
            messageID: "b1e52f74a6e047a98682166953f4be5a",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .requestRejected,
            name: "request.rejected",
            messageID: "00be4f02be674bc7a4662fa18aac1aad",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .resourceRead,
            name: "resource.read",
            messageID: "6e9a6444b0314a0caeb63149da142a93",
            success: 6,
            failure: 4
        ),
        Entry(
            event: .resourceSearch,
            name: "resource.search",
            messageID: "5dcda18d89db4b31914ee8ac6dc8474f",
            success: 6,
            failure: 4
        ),
        Entry(
            event: .tenantCreate,
            name: "tenant.create",
            messageID: "f456eb947d764cdd9e157c5fab57b80c",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tenantUpdate,
            name: "tenant.update",
            messageID: "c0bb8fe3bf394897874638aa6e7a775e",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tenantSuspend,
            name: "tenant.suspend",
            messageID: "75716f523f3a440eb5ea610bde652fdc",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tenantResume,
            name: "tenant.resume",
            messageID: "ee7b261be47b4215ae3c1c89c3de5f81",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tenantDelete,
            name: "tenant.delete",
            messageID: "c261a1ebe2454a9799177c232c4e9c56",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tokenIssue,
            name: "token.issue",
            messageID: "5952f493b8f34104a06307ee00dca69d",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tokenRotate,
            name: "token.rotate",
            messageID: "efab8ea3a85342228fa6fe74fb1a95ed",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tokenRevoke,
            name: "token.revoke",
            messageID: "a0f2ff3b73c3440a8ac67347279bf631",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tokenRetire,
            name: "token.retire",
            messageID: "93e87ab3449d49159701f7c0f8941c6c",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .tokenExpiring,
            name: "token.expiring",
            messageID: "2aecbd5e7db94740a2a5b7c51dfa56a8",
            success: 4,
            failure: nil
        ),
        Entry(
            event: .tokenExpired,
            name: "token.expired",
            messageID: "d1bef51de5d8431a801b56cd2d307dae",
            success: 4,
            failure: nil
        ),
        Entry(
            event: .schemaChange,
            name: "schema.change",
            messageID: "3ac70d3c53dd4c95b2d314660533eb6a",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .importStart,
            name: "import.start",
            messageID: "708b33af446a42858f75fa457ac9f78b",
            success: 5,
            failure: nil
        ),
        Entry(
            event: .importStop,
            name: "import.stop",
            messageID: "b1ba3a2b3fdf4a49a1314d6ee8d3f42e",
            success: 5,
            failure: nil
        ),
        Entry(
            event: .consoleLink,
            name: "console.link",
            messageID: "61229e89121e46a38f8c309958e5257d",
            success: 5,
            failure: nil
        ),
        Entry(
            event: .consoleSignIn,
            name: "console.signin",
            messageID: "dd3a87b11e684d2cbc981ecf2032ce53",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .consoleRefused,
            name: "console.refused",
            messageID: "3b5c2770a7a14c49b213f5a38e9df8d5",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .consoleSignOut,
            name: "console.signout",
            messageID: "06c562fcd8a0494ca06b6830a96c0927",
            success: 5,
            failure: nil
        ),
        Entry(
            event: .consoleRehearse,
            name: "console.rehearse",
            messageID: "2728ba0448914c27925466310c6dbfa0",
            success: 5,
            failure: nil
        ),
        Entry(
            event: .configReload,
            name: "config.reload",
            messageID: "5249f3f52daa4a52971b95e9f23952bc",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .serviceStart,
            name: "service.start",
            messageID: "07d5d7e1396a421188b54a4466913341",
            success: 6,
            failure: 3
        ),
        Entry(
            event: .serviceStop,
            name: "service.stop",
            messageID: "11621a794964425ab49a129fe41c2c9f",
            success: 6,
            failure: 3
        ),
        Entry(
            event: .clockAhead,
            name: "clock.ahead",
            messageID: "9d1c0a5e7f3b4c62a8d4e16b53f7902c",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .clockBehind,
            name: "clock.behind",
            messageID: "4b7e2f9813dd4a0c9c55e0d2a16f38b7",
            success: nil,
            failure: 4
        ),
        Entry(
            event: .storeSnapshot,
            name: "store.snapshot",
            messageID: "6416edb4c0074b5ebef6e8e108d89355",
            success: 6,
            failure: 3
        ),
        Entry(
            event: .storeRestore,
            name: "store.restore",
            messageID: "2cf0ea3f3bbc4da7b8cd4b6e18edf822",
            success: 4,
            failure: 3
        ),
        Entry(
            event: .auditCheckpoint,
            name: "audit.checkpoint",
            messageID: "ba1756c3ea414d80b94a0595f54ddfaa",
            success: 6,
            failure: 3
        ),
        Entry(
            event: .auditReplay,
            name: "audit.replay",
            messageID: "3632fb6940c24d52b04f71cdd0e4d4bf",
            success: 4,
            failure: 3
        ),
        Entry(
            event: .auditDegraded,
            name: "audit.degraded",
            messageID: "ee9a3cb5736c4aac85e82f98679a5b77",
            success: nil,
            failure: 3
        ),
        Entry(
            event: .auditRecovered,
            name: "audit.recovered",
            messageID: "f6ef43f76fd74196ac209e30f3b2302d",
            success: 5,
            failure: nil
        ),
        Entry(
            event: .auditRefusing,
            name: "audit.refusing",
            messageID: "72da60ecc8f344a9813f009bb9327aa4",
            success: nil,
            failure: 2
        ),
        Entry(
            event: .auditPolicy,
            name: "audit.policy",
            messageID: "68f629e1a3864cd7ab4d9448f6a88b1e",
            success: 5,
            failure: 4
        ),
        Entry(
            event: .auditVerify,
            name: "audit.verify",
            messageID: "57dadce6e5924731a642060a04dcb32d",
            success: 6,
            failure: 2
        ),
    ]
}
