import Audit
import Storage

// Who did something, in a row: a byte for the kind, and the id as a text, which is empty if it is not known.

extension [UInt8] {
    mutating func append(_ actor: AuditActor) {
        let kind: UInt8 =
            switch actor {
            case .client: 1
            case .admin: 2
            case .system: 3
            case .anonymous: 4
            }
        append(kind)
        appendText(actor.id?.text ?? "")
    }
}

extension RowReader {
    mutating func actor(in row: Span<UInt8>) -> AuditActor? {
        guard let kind = integer(UInt8.self, in: row), let text = text(in: row) else { return nil }
        let id = AuditSlug(person: text)
        guard id != nil || text.isEmpty else { return nil }
        return switch kind {
        case 1: .client(id)
        case 2: .admin(id)
        case 3 where id == nil: .system
        case 4 where id == nil: .anonymous
        default: nil
        }
    }
}
