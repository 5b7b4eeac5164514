import Directory
import SCIM
import Storage
import Tenancy

// Writing resources into the body.

extension QueryRun {
    /// Bytes after which a page has no further resource; a shorter page than the client asked for is legal (RFC 7644 §3.4.2.4).
    static let pageBytesMax = 2 << 20

    /// Whether the page is long enough.
    var isPageFull: Bool { page != nil && written > 0 && bytesTaken + body.count >= Self.pageBytesMax }

    /// Bytes of a page with which it begins to be sent while it is written, if members of a resource are to come.
    static let streamedPageBytesMin = 512 << 10

    /// Whether what has been written may be sent before the rest is there.
    ///
    /// Of one resource that is its head, of a page so much that memory would feel what is to come. A page before its cursor is turned round
    /// at its end.
    package var canBeStreamed: Bool {
        page == nil ? version != nil : open != nil && !isBackward && body.count >= Self.streamedPageBytesMin
    }

    private func writingCost(since mark: Int) -> Int {
        let bytes = max(body.count - mark, 0)
        let splices = part.projection.isIdentity && part.kind.answersAsStored
        guard !splices else { return Self.evaluationCost + WorkCost.copying(bytes: bytes) }
        return 2 * Self.evaluationCost + 2 * WorkCost.parsing(bytes: bytes) + WorkCost.writing(bytes: bytes)
    }

    /// Takes memory for a long answer.
    ///
    /// - Throws: ``DirectoryError/busy`` if the answers of other queries have all that there is.
    private mutating func coverBody() throws(DirectoryError) {
        guard body.count > QueryMemory.ownAnswerBytes else { return }
        if answerShare == nil { answerShare = answerMemory.share() }
        guard answerShare?.cover(body.count) == true else { throw .busy }
    }

    /// Writes a resource of the part, its members apart; false if there is none any more.
    @discardableResult
    mutating func write(_ id: UniqueID, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        let mark = body.count
        defer { budget -= writingCost(since: mark) }
        if page != nil, written > 0 { body.append(UInt8(ascii: ",")) }
        if isBackward { beginnings.append(body.count) }
        guard let head = try renderer.appendHead(of: id, left: left, from: snapshot, to: &body) else {
            body.removeSubrange(mark...)
            if isBackward { beginnings.removeLast() }
            return false
        }
        try coverBody()
        written += 1
        if page == nil { (version, location) = (head.version, renderer.location(of: id, part.kind)) }
        if part.kind.membersAttribute != nil, part.projection.includes("members") {
            let begin = bytesTaken + mark
            open = OpenResource(id: id, version: head.version, begin: begin, next: query.members?.start)
        } else {
            body.append(UInt8(ascii: "}"))
        }
        return true
    }

    /// Hands out what has been written.
    mutating func takeBody() -> [UInt8] {
        defer {
            bytesTaken += body.count
            body = []
            answerShare = nil
        }
        return body
    }

    mutating func writeMembers(_ snapshot: borrowing Snapshot) throws(DirectoryError) {
        if let begun = open, left?.members == nil, page != nil || isStreamed || query.members != nil,
            try renderer.version(of: begun.id, snapshot) != begun.version
        {
            try beginAgain(begun, snapshot)
        }
        guard var current = open else { return }
        let mark = body.count
        if current.isFirst { body += #","members":["#.utf8 }
        let room = (query.members?.count).map { $0 - membersWritten }
        let limit = min(max(1, budget / Self.memberCost), room ?? .max)
        var next: UniqueID?
        if let members = left?.members {
            let end = min(membersWritten + limit, members.count)
            let edges = Array(members[min(membersWritten, end)..<end])
            try renderer.append(edges, isFirst: &current.isFirst, snapshot, to: &body)
            if end < members.count { next = members[end].member }
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
        budget -= WorkCost.writing(bytes: body.count - mark) + Self.memberCost * (next == nil ? 1 : limit)
        try coverBody()
        membersWritten += limit
        if let next, room.map({ $0 > limit }) ?? true {
            current.next = next
            open = current
        } else {
            nextMember = next
            if !current.isFirst { body.append(UInt8(ascii: "]")) }
            body.append(UInt8(ascii: "}"))
            open = nil
        }
    }

    /// Writes a resource of a list again that has changed while its members were written: they are all of one version.
    ///
    /// - Throws: ``DirectoryError/busy`` if a part of it has been handed out, if it is gone, or if this happens time and again.
    private mutating func beginAgain(
        _ changed: OpenResource,
        _ snapshot: borrowing Snapshot
    ) throws(DirectoryError) {
        let mark = changed.begin - bytesTaken
        guard page != nil, mark >= 0, beginningsLeft > 0 else { throw .busy }
        beginningsLeft -= 1
        body.removeSubrange(mark...)
        written -= 1
        if isBackward { beginnings.removeLast() }
        open = nil
        guard try write(changed.id, snapshot) else { throw .busy }
    }
}

/// A resource whose members are being written.
struct OpenResource: Sendable {
    let id: UniqueID
    let version: CommitVersion
    /// Where it begins in the whole answer, in bytes.
    let begin: Int
    /// The member that comes next; nil for the first one.
    var next: UniqueID?
    var isFirst = true
}
