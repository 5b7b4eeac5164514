import Audit
import JSON
import Storage
import TLS

/// Values for records; the names are slugs and paths, so the fallbacks never count.
enum Sample {
    static let user = UniqueID(high: 0x0193_5b20_0000_7abc, low: 0x8000_0000_0000_0001)
    static let group = UniqueID(high: 0x0193_5b20_0000_7abc, low: 0x8000_0000_0000_0002)
    static let store = UniqueID(high: 0x0193_5b20_0000_7000, low: 0x8000_0000_0000_0003)
    static let time: Int64 = 1_795_450_757_004_211

    static func slug(_ text: String) -> AuditSlug { AuditSlug(text) ?? AuditSlug(number: 0) }

    static func paths(_ texts: String...) -> [AuditAttributePath] {
        texts.compactMap { AuditAttributePath($0) }
    }

    static func id(_ number: Int) -> UniqueID {
        UniqueID(high: 0x7000, low: 0x8000_0000_0000_0000 | UInt64(number))
    }

    static let digest = TrailDigest { Digest.sha256($0) }

    /// Signs with a key that each run makes.
    static let signer: CheckpointSigner = {
        let key = Ed25519PrivateKey.make()
        return CheckpointSigner(publicKey: key.publicKey) { key.sign($0) }
    }()

    static func digest(_ byte: UInt8) throws -> AuditDigest {
        guard let digest = AuditDigest([UInt8](repeating: byte, count: 32)) else { throw Missing() }
        return digest
    }

    struct Missing: Error {}

    static var origin: AuditOrigin {
        AuditOrigin(
            address: AuditAddress("10.0.3.9"),
            userAgent: AuditUserAgent("okta/1.0"),
            requestID: slug("01h9"),
            traceID: slug("4bf92f3577b34da6a3ce929d0e0e4736"),
            method: .patch,
            status: 200
        )
    }

    /// A record of a client's request to a tenant.
    static func request(_ event: AuditEvent, _ outcome: AuditOutcome = .success) -> AuditRecord {
        var record = AuditRecord(event, outcome, actor: .client(slug("hr-sync")))
        record.tenant = slug("acme")
        record.credentialID = slug("tok_7")
        record.origin = origin
        return record
    }

    static func row(_ record: AuditRecord, version: UInt64 = 9, sequence: UInt64 = 4711) -> AuditRow {
        let entry = record.logEntry()
        return AuditRow(
            LogRow(
                order: sequence,
                stream: entry.stream,
                sequence: sequence,
                version: CommitVersion(version),
                timeMicroseconds: time,
                payload: entry.payload
            ),
            storeID: store
        )
    }

    /// The fields as one text each, without those that all records have in common.
    static func fields(_ record: AuditRecord, version: UInt64 = 9) -> [String] {
        row(record, version: version).journalEntry().fields
            .filter { !common.contains($0.name) }.map { "\($0.name)=\($0.value)" }
    }

    static let common: Set = [
        "MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "SCIM_SCHEMA",
        "SCIM_STORE",
        "SCIM_STREAM", "SCIM_SEQ", "SCIM_TIME", "SCIM_EVENT", "SCIM_OUTCOME",
    ]
}
