import HTTP

/// The bytes of a connection on which one request was sent.
///
/// However they arrive, the same answer comes of them, whose content is as long as it says, and within its limit.
enum ResponseTarget {
    static func check(_ bytes: [UInt8]) {
        var limits = Limits()
        limits.bodyBytesMax = 96
        limits.fieldsBytesMax = 256
        limits.fieldCountMax = 8
        limits.statusLineBytesMax = 64
        for limits in [Limits(), limits] {
            var numbers = InputNumbers(bytes)
            let readings = numbers.pieceSizes(bytes.count).map { read(bytes, pieceSizes: $0, limits) }
            for reading in readings.dropFirst() {
                hold(isSame(reading, readings[0]), "the outcome does not depend on the split")
            }
            if case .answer(let response, _) = readings[0] { check(response, limits) }
        }
    }

    private enum Reading {
        case answer(ReceivedResponse, isEnded: Bool)
        case fault(ResponseFault)
        case incomplete
    }

    private static func read(_ bytes: [UInt8], pieceSizes: [Int], _ limits: Limits) -> Reading {
        var parser = ResponseParser(limits: limits)
        var start = 0
        var turn = 0
        do throws(ResponseFault) {
            while start < bytes.count {
                let end = min(bytes.count, start + pieceSizes[turn % pieceSizes.count])
                parser.append(bytes[start..<end])
                (start, turn) = (end, turn + 1)
                guard let response = try parser.next() else { continue }
                // Whether what follows came with the answer is left to the network.
                return start == bytes.count ? .answer(response, isEnded: false) : .fault(.followed)
            }
        } catch { return .fault(error) }
        return parser.finish().map { .answer($0, isEnded: true) } ?? .incomplete
    }

    private static func isSame(_ left: Reading, _ right: Reading) -> Bool {
        switch (left, right) {
        case (.answer(let left, let leftEnded), .answer(let right, let rightEnded)):
            left.status == right.status && left.body == right.body && leftEnded == rightEnded
                && left.fields.all.map(\.value) == right.fields.all.map(\.value)
        case (.fault(let left), .fault(let right)): left == right
        case (.incomplete, .incomplete): true
        default: false
        }
    }

    private static func check(_ response: ReceivedResponse, _ limits: Limits) {
        hold(response.status.code >= 200, "an interim answer is no answer")
        hold(response.body.count <= limits.bodyBytesMax, "content is within its limit")
        hold(response.fields.count <= limits.fieldCountMax, "fields are within their limit")
        let lengths = response.fields.all(.contentLength)
        hold(lengths.count <= 1, "an answer has one length")
        hold(lengths.isEmpty || !response.fields.contains(.transferEncoding), "an answer has one length")
        let hasNone = response.status == .noContent || response.status == .notModified
        for length in lengths where !hasNone {
            hold(Int(length) == response.body.count, "the content is as long as Content-Length says")
        }
        hold(!hasNone || response.body.isEmpty, "204 and 304 have no content")
        for (name, value) in response.fields.all {
            hold(!name.isEmpty, "a field has a name")
            hold(!value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }, "a value has no controls")
        }
    }
}
