import JSON

/// What is JSON is written as JSON, and reads the same again; what is nested too deeply is refused by its depth alone.
enum JSONTarget {
    private static let tight = JSONLimits(bytesMax: 1 << 20, depthMax: 4)

    static func check(_ bytes: [UInt8]) {
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(parsing: bytes) } catch {
            hold((0...bytes.count).contains(error.offset), "an error lies within the text")
            return
        }
        let value = document.value
        let depth = depth(value)
        hold(depth <= JSONLimits.default.depthMax, "the depth is within its limit")
        do throws(JSONError) {
            _ = try JSONDocument(parsing: bytes, limits: tight)
            hold(depth <= tight.depthMax, "a lower limit holds")
        } catch {
            hold(error.reason == .tooDeep && depth > tight.depthMax, "a lower limit refuses nothing else")
        }

        var written: [UInt8] = []
        value.write(to: &written)
        hold(written.count <= value.textBytesBound, "a text is no longer than its bound")
        let again = try? JSONValue(parsing: written)
        hold(again == value, "what is written reads the same: \(String(decoding: written, as: UTF8.self))")
        checkMembers(of: value, document)
    }

    private static func depth(_ value: JSONValue) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
        case .object(let object):
            1 + (object.members.map { depth($0.value) }.max() ?? 0)
        default: 0
        }
    }

    /// Each member of each object is there once, each of the root is found by its name, and numbers are as they read.
    private static func checkMembers(of value: JSONValue, _ document: JSONDocument? = nil) {
        switch value {
        case .array(let elements): for element in elements { checkMembers(of: element) }
        case .object(let object):
            var names: Set<[UInt8]> = []
            for member in object.members {
                hold(names.insert(Array(member.name.utf8)).inserted, "names are unique")
                hold(object[member.name] == member.value, "a member is found by its name")
                if let document {
                    let node = document.member(member.name, of: JSONDocument.root)
                    hold(node.map(document.value(at:)) == member.value, "a node is found by its name")
                }
                checkMembers(of: member.value)
            }
        case .number(let number):
            guard let integer = number.exactInteger else { return hold(number.int64 == nil, "integers are") }
            hold(Double(integer) == number.double, "an integer is the number that was written")
        default: break
        }
    }
}
