// RFC 8259 §7: only the quotation mark, the backslash and control characters are escaped.

/// Writes JSON into a byte array, without white space.
package enum JSONWriter {
    /// Appends a string with its quotation marks.
    package static func appendString(_ string: String, to output: inout [UInt8]) {
        appendString(utf8: string.utf8.span, to: &output)
    }

    /// Appends a string with its quotation marks, given as valid UTF-8.
    @inline(__always)
    package static func appendString(utf8: Span<UInt8>, to output: inout [UInt8]) {
        let plain = JSONText.endOfPlain(utf8, from: 0)
        guard plain == utf8.count else {
            output.append(UInt8(ascii: "\""))
            appendEscaping(utf8, plainUntil: plain, to: &output)
            output.append(UInt8(ascii: "\""))
            return
        }
        output.append(UInt8(ascii: "\""))
        appendBytes(utf8, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a part of a string; the caller writes the quotation marks around the whole.
    package static func appendPart(_ string: String, to output: inout [UInt8]) {
        let utf8 = string.utf8
        appendEscaping(utf8.span, plainUntil: JSONText.endOfPlain(utf8.span, from: 0), to: &output)
    }

    private static func appendEscaping(
        _ utf8: Span<UInt8>,
        plainUntil firstEnd: Int,
        to output: inout [UInt8]
    ) {
        var start = 0
        var end = firstEnd
        while true {
            appendBytes(utf8.extracting(start..<end), to: &output)
            guard end < utf8.count else { break }
            appendEscape(utf8[end], to: &output)
            start = end + 1
            end = JSONText.endOfPlain(utf8, from: start)
        }
    }

    /// Appends bytes as they are: text that is known to be JSON already.
    package static func appendBytes(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        // Byte by byte, a kilobyte takes sixteen times as long. The buffer does not leave the closure.
        bytes.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    /// Appends a decimal number.
    package static func appendInteger(_ value: Int64, to output: inout [UInt8]) {
        output.append(addingCapacity: integerBytesMax) { free in appendInteger(value, to: &free) }
    }

    /// The most bytes of a 64-bit number, with its sign.
    private static let integerBytesMax = 20

    /// Appends a number, for which there must be room.
    package static func appendInteger(_ value: Int64, to free: inout OutputSpan<UInt8>) {
        if value < 0 { free.append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude, to: &free)
    }

    private static func appendDigits(_ magnitude: UInt64, to free: inout OutputSpan<UInt8>) {
        guard magnitude < 100_000_000 else {
            appendDigits(magnitude / 100_000_000, to: &free)
            return appendEightDigits(magnitude % 100_000_000, to: &free)
        }
        if magnitude >= 10 { appendDigits(magnitude / 10, to: &free) }
        free.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude % 10))
    }

    /// Appends a number below 100,000,000 with the zeros in front of it.
    ///
    /// The digits are made together: each step halves what lies together, until each has a byte of its own, the first one the lowest.
    private static func appendEightDigits(_ number: UInt64, to free: inout OutputSpan<UInt8>) {
        let fours = number / 10_000 | (number % 10_000) << 32
        // Multiplying and shifting divides by 100, and by 10, what is below 10,000, and below 100.
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let pairs = hundreds | (fours &- 100 &* hundreds) << 16
        let tens = (pairs &* 103) >> 10 & 0x000F_000F_000F_000F
        let digits = tens | (pairs &- 10 &* tens) << 8
        let start = free.count
        free.append(repeating: 0, count: 8)
        var span = free.mutableSpan
        var bytes = span.mutableBytes
        let text = digits &+ 0x0101_0101_0101_0101 &* UInt64(UInt8(ascii: "0"))
        bytes.storeBytes(of: text.littleEndian, toByteOffset: start, as: UInt64.self)
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x00..<0x20:
            output.append(contentsOf: "u00".utf8)
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 0xF))
        default: output.append(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension JSONValue {
    /// Appends the value as JSON text.
    package func write(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: number.text.utf8)
        case .string(let string): JSONWriter.appendString(string, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for index in elements.indices {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                elements[index].write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            object.write(to: &output)
        }
    }
}

extension JSONValue {
    /// A number of bytes that the value's JSON text never exceeds; quick, as nothing is written.
    package var textBytesBound: Int {
        switch self {
        case .null, .bool: 5
        case .number(let number): number.text.utf8.count
        case .string(let string): JSONWriter.stringBytesBound(string)
        case .array(let elements): elements.reduce(2) { $0 + $1.textBytesBound + 1 }
        case .object(let object): object.textBytesBound
        }
    }
}

extension JSONWriter {
    /// Two quotation marks, and for every byte the longest escape: `\u001F`.
    fileprivate static func stringBytesBound(_ string: String) -> Int { 2 + 6 * string.utf8.count }
}

extension JSONObject {
    /// A number of bytes that the object's JSON text never exceeds.
    package var textBytesBound: Int {
        members.reduce(2) { $0 + JSONWriter.stringBytesBound($1.name) + $1.value.textBytesBound + 2 }
    }

    /// Appends the object as JSON text.
    package func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for index in members.indices {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONWriter.appendString(members[index].name, to: &output)
            output.append(UInt8(ascii: ":"))
            members[index].value.write(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
