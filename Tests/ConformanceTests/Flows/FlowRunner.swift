import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

/// Holds a conversation with a service of its own, and checks what every answer of it must be besides.
struct FlowRunner {
    private let flow: Flow
    private let client: TestClient
    private let profile: Profile
    private var kept: [String: JSONValue] = [:]

    init(_ flow: Flow, profile: ProfileName = .default) async throws {
        self.flow = flow
        self.profile = profile.profile
        let service = TestService(store: MemoryStore(clock: { 1 }))
        client = try await service.client()
        _ = try await service.administration.set(
            .profile,
            to: profile.rawValue,
            tenant: client.tenant,
            by: .system
        )
        kept["base"] = .string("\(client.service.publicURL)/acme/scim/v2")
    }

    mutating func run() async throws {
        for (index, step) in flow.steps.enumerated() {
            try await run(step, "step \(index + 1), \(step.method) \(step.target)")
        }
        #expect(try client.service.findings() == [])
    }

    private mutating func run(_ step: FlowStep, _ place: String) async throws {
        let body = try body(of: step)
        var fields = try (flow.client.fields + step.fields).map { (FieldName($0.0), try filled($0.1)) }
        if body != nil, let type = flow.client.contentType { fields.append((.contentType, type)) }
        let target = try encoded(filled(step.target))
        var answer = try await client.send(Method(step.method), target, body, fields: fields)
        if !profile.contains(.groupInPatchAnswer), step.method == "PATCH", answer.status == 204 {
            // Such a profile does not show what the step tells of; it has to be there all the same.
            answer = try await client.send(.get, target)
        }
        let text = String(decoding: answer.response.body, as: UTF8.self)
        #expect(answer.status == step.status, "\(place): \(text)")
        for fault in AnswerFaults(answer, error: step.error).sentences {
            Issue.record("\(place): \(fault): \(text)")
        }
        if let expected = step.answer {
            for difference in Expectation.differences(try filled(expected), answer.json, "answer") {
                Issue.record("\(place): \(difference): \(text)")
            }
        }
        if let order = step.order {
            #expect(answer.texts("Resources", "id") == (try order.map(filled)), "\(place): order")
        }
        for (name, path) in step.keep {
            let names = path == "$" ? [] : path.split(separator: ".").map(String.init)
            guard let value = answer.value(at: names) else { throw FixtureError("\(place): no \(path)") }
            kept[name] = value
        }
    }

    // MARK: - Requests

    private func body(of step: FlowStep) throws -> String? {
        if let raw = step.raw { return raw }
        guard let body = step.body else { return nil }
        var bytes: [UInt8] = []
        try filled(body).write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func filled(_ value: JSONValue) throws -> JSONValue {
        switch value {
        case .string(let text): return .string(try filled(text))
        case .array(let elements): return .array(try elements.map(filled))
        case .object(let object):
            if let name = object.text("$read") {
                let read = try #require(kept[name], "\(name) was never read")
                return Self.merged(read, try filled(object["change"] ?? .object(JSONObject())))
            }
            return .object(
                JSONObject(
                    uniqueMembers: try object.members.map {
                        .init(name: try filled($0.name), value: try filled($0.value))
                    }
                )
            )
        default: return value
        }
    }

    /// Braces around anything but a name are the text's own.
    private func filled(_ text: String) throws -> String {
        try text.replacing(/\{([a-z0-9]+)\}/) { match in
            let name = String(match.output.1)
            guard let value = kept[name] else { throw FixtureError("\(name) was never kept") }
            return try value.requiredText
        }
    }

    private static func merged(_ value: JSONValue, _ change: JSONValue) -> JSONValue {
        guard case .object(var object) = value, case .object(let changes) = change else { return change }
        for member in changes.members {
            guard member.value != .string("$absent") else {
                object[member.name] = nil
                continue
            }
            object[member.name] = object[member.name].map { merged($0, member.value) } ?? member.value
        }
        return .object(object)
    }

    /// Fixtures show targets as people read them; on the wire they are percent-encoded (E-06).
    private func encoded(_ target: String) -> String {
        let plain = Set("/?&=.:$-_~!*()'+,;%[]".utf8)
        return target.utf8.map { byte in
            switch byte {
            case UInt8(ascii: " "): flow.client.space
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
            case _ where plain.contains(byte): String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
