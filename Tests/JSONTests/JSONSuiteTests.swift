import Foundation
import JSON
import Testing

@Suite("External JSON suite")
struct JSONSuiteTests {
    /// Reads a file `{"vectors": [{"name", "expect": "accept", "reject" or "either", "b64" or "repeat": [text, count] and "tail"}]}`
    /// outside the project.
    @Test(
        "An external suite agrees with the parser",
        .enabled(
            if: ProcessInfo.processInfo.environment["JSON_TEST_SUITE"] != nil,
            "JSON_TEST_SUITE names no file"
        )
    )
    func externalSuite() throws {
        struct Suite: Decodable { let vectors: [Vector] }
        struct Vector: Decodable {
            let name: String, expect: String, b64: String?, `repeat`: [RepeatedPart]?, tail: String?
        }
        /// A text and how often it is repeated.
        enum RepeatedPart: Decodable {
            case text(String), count(Int)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let count = try? container.decode(Int.self) {
                    self = .count(count)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }
        func bytes(_ vector: Vector) throws -> [UInt8] {
            if let encoded = vector.b64 { return [UInt8](try #require(Data(base64Encoded: encoded))) }
            guard case .text(let text)? = vector.repeat?.first, case .count(let count)? = vector.repeat?.last
            else { throw CocoaError(.coderReadCorrupt) }
            return Array((String(repeating: text, count: count) + (vector.tail ?? "")).utf8)
        }
        let path = try #require(ProcessInfo.processInfo.environment["JSON_TEST_SUITE"])
        let suite = try JSONDecoder().decode(Suite.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        var counts: [String: Int] = [:]
        for vector in suite.vectors {
            let text = try bytes(vector)
            let isAccepted = (try? JSONValue(parsing: text)) != nil
            counts["\(vector.expect): \(isAccepted ? "accepted" : "refused")", default: 0] += 1
            // RFC 8259 §4 only says that names SHOULD be unique; for us a duplicate is an attack.
            let isDuplicate = vector.name.contains("duplicated_key")
            if vector.expect == "accept" { #expect(isAccepted != isDuplicate, "\(vector.name)") }
            if vector.expect == "reject" { #expect(!isAccepted, "\(vector.name)") }
        }
        print("external JSON suite:", counts.sorted { $0.key < $1.key })
    }
}
