import Audit
import JSON
import SCIM
import Storage

/// The secret of a tenant by which its audit records mark names, so that who knows a name finds its records, and who reads the
/// records learns no name.
///
/// It stands in the tenant's row and goes with it: afterwards nobody can tell whose marks the trail's are.
package struct IdentifierKey: Sendable, Equatable {
    package static let byteCount = 32
    /// The names that a mark can be asked of.
    package static let attributes = ["userName", "displayName", "externalId"]

    let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Makes one that nobody can guess.
    init(_ environment: DirectoryEnvironment) {
        let (a, b) = environment.randomness()
        let (c, d) = environment.randomness()
        var bytes: [UInt8] = []
        for word in [a, b, c, d] { bytes.appendBigEndian(word) }
        self.bytes = bytes
    }

    /// The mark of a name: the first 16 bytes of HMAC-SHA-256 (RFC 2104) of the attribute, a zero byte, and the name as it is compared.
    ///
    /// `attribute`: one of ``attributes``. Names that differ in case alone have one mark, unless the attribute is caseExact.
    package func mark(_ attribute: String, _ name: String, _ environment: DirectoryEnvironment) -> AuditMark {
        let compared = attribute == "externalId" ? name : CasePreparation.prepare(name)
        let inner = environment.sha256(
            (padded(0x36) + Array(attribute.utf8) + [0] + Array(compared.utf8)).span
        )
        return AuditMark(environment.sha256((padded(0x5C) + inner).span))
    }

    private func padded(_ byte: UInt8) -> [UInt8] {
        // SHA-256 works on blocks of 64 bytes.
        bytes.map { $0 ^ byte } + Array(repeating: byte, count: 64 - Self.byteCount)
    }
}

extension IdentifierKey {
    /// The marks of what a change leaves and finds: the name and the externalId, each as it is after it and before.
    package func marks(of resources: [Resource], _ environment: DirectoryEnvironment) -> AuditMarks {
        func all(_ attributes: [String]) -> [AuditMark] {
            var marks: [AuditMark] = []
            for resource in resources {
                for attribute in attributes {
                    guard case .string(let name)? = resource.attributes[attribute] else { continue }
                    let mark = mark(attribute, name, environment)
                    if !marks.contains(mark) { marks.append(mark) }
                    // A user's userName names it, and the displayName, which need not be its own, does not.
                    break
                }
            }
            return marks
        }
        return AuditMarks(names: all(["userName", "displayName"]), externalIDs: all(["externalId"]))
    }
}
