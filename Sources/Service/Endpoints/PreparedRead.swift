import HTTP
import JSON
import Query
import SCIM
import Storage
import Tenancy

/// A resource that was asked for by its id, with room for another id.
final class PreparedRead: Sendable {
    /// What is noted of each read.
    let again: RepeatedExchange
    let lookUp: ResourceLookUp
    private let frame: TargetFrame
    /// What the fields begin with that tell a resource's version and location.
    private let tagBeginning = ResponseEncoder.line(.eTag, #"W/""#)
    private let locationBeginning: [UInt8]

    /// Nil unless the request is such a one, whose fields ask for nothing that depends on the resource.
    init?(_ lookUp: ResourceLookUp, _ again: RepeatedExchange, _ exchange: Exchange) {
        let request = exchange.request
        guard request.method == .get, request.fields[.ifNoneMatch] == nil,
            let frame = TargetFrame(request.target, gap: Self.id)
        else { return nil }
        self.frame = frame
        self.lookUp = lookUp
        locationBeginning = ResponseEncoder.line(.contentLocation, lookUp.locationBeginning)
        self.again = again
    }

    /// The id that a request asks for; nil if it differs in more.
    func id(in request: Request) -> UniqueID? {
        guard request.method == .get else { return nil }
        return frame.gap(in: request.target) { bytes, _ in UniqueID(text: bytes) }
    }

    /// The fields of the answer with a resource, as they are written.
    func lines(of version: CommitVersion, _ id: UniqueID) -> [UInt8] {
        let (tagBeginning, locationBeginning) = (tagBeginning, locationBeginning)
        let room = tagBeginning.count + locationBeginning.count + Self.linesRoom
        return [UInt8](room: room) { free in
            free.append(copying: tagBeginning.span)
            JSONWriter.appendInteger(Int64(clamping: version.number), to: &free)
            free.append(UInt8(ascii: "\""))
            free.append(copying: locationBeginning.span)
            id.append(textTo: &free)
        }
    }

    /// Room for a number of 64 bits, a quotation mark and an id.
    private static let linesRoom = 20 + 1 + UniqueID.textByteCount

    /// The last segment of the path, if it is an id.
    private static func id(in target: Span<UInt8>) -> Range<Int>? {
        var end = 0
        while end < target.count, target[end] != UInt8(ascii: "?") { end += 1 }
        let begin = end - UniqueID.textByteCount
        guard begin > 0, target[begin - 1] == UInt8(ascii: "/"),
            UniqueID(text: target.extracting(begin..<end)) != nil
        else { return nil }
        return begin..<end
    }
}
