import Directory
import SCIM
import Storage
import Tenancy

// Writing resources into the body.

extension QueryRun {
    /// Writes a resource of the part, its members apart; false if there is none any more.
    @discardableResult
    mutating func write(_ id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        let mark = body.count
        if page != nil, written > 0 { body.append(UInt8(ascii: ",")) }
        guard let head = try renderer.appendHead(of: id, left: left, from: snapshot, to: &body) else {
            body.removeSubrange(mark...)
            return false
        }
        written += 1
        if page == nil { (version, location) = (head.version, renderer.location(of: id, part.kind)) }
        if part.kind.membersAttribute != nil, part.projection.includes("members") {
            open = (id, nil, true)
        } else {
            body.append(UInt8(ascii: "}"))
        }
        return true
    }

    mutating func writeMembers(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        guard var current = open else { return }
        let mark = body.count
        if current.isFirst { body += #","members":["#.utf8 }
        let limit = max(1, budget / Self.memberCost)
        var next: UniqueID?
        if let members = left?.members {
            try renderer.append(members, isFirst: &current.isFirst, snapshot, to: &body)
        } else {
            next = try renderer.appendMembers(
                of: current.id,
                from: current.next,
                limit: limit,
                isFirst: &current.isFirst,
                snapshot,
                to: &body
            )
        }
        // A group without members has no such attribute (RFC 7643 §2.5).
        if current.isFirst { body.removeSubrange(mark...) }
        budget -= Self.memberCost * (next == nil ? 1 : limit)
        if let next {
            current.next = next
            open = current
        } else {
            if !current.isFirst { body.append(UInt8(ascii: "]")) }
            body.append(UInt8(ascii: "}"))
            open = nil
        }
    }
}
