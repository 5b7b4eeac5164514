import HTTP
import JSON
import SCIM
import TestSupport

/// Compares an answer with the part of it that a fixture shows.
enum Expectation {
    /// What differs, as sentences.
    static func differences(_ expected: JSONValue, _ found: JSONValue?, _ place: String) -> [String] {
        switch (expected, found) {
        case (.string("$absent"), nil): []
        case (.string("$absent"), .some): ["\(place) is there"]
        case (_, nil): ["\(place) is missing"]
        case (.string("$text"), .string(let text)?) where !text.isEmpty: []
        case (.string("$list"), .array?): []
        case (.string("$integer"), .number(let number)?) where number.int64 != nil: []
        case (.object(let expected), .object(let found)?):
            expected.members.flatMap { differences($0.value, found[$0.name], "\(place).\($0.name)") }
        case (.array(let expected), .array(let found)?): lists(expected, found, place)
        case (_, .some(let value)): value == expected ? [] : ["\(place) differs"]
        }
    }

    private static func lists(_ expected: [JSONValue], _ found: [JSONValue], _ place: String) -> [String] {
        var rest = found
        for (index, element) in expected.enumerated() {
            guard let match = rest.firstIndex(where: { differences(element, $0, "").isEmpty }) else {
                let close = index < found.count ? differences(element, found[index], "") : []
                return ["\(place) has no element \(index)\(close.first.map { " (\($0))" } ?? "")"]
            }
            rest.remove(at: match)
        }
        return rest.isEmpty ? [] : ["\(place) has \(rest.count) elements more"]
    }
}

/// What is wrong with an answer whatever was asked: the rules that hold for all of them.
struct AnswerFaults {
    private(set) var sentences: [String] = []

    init(_ answer: TestAnswer, error: String?) {
        let response = answer.response
        let isEmpty = [204, 304].contains(answer.status)
        if isEmpty != response.body.isEmpty { sentences.append("a body is there or missing") }
        if !isEmpty, response.contentType != "application/scim+json" {
            sentences.append("the content type is \(response.contentType ?? "missing")")
        }
        guard !isEmpty else { return }
        guard let json = answer.json else {
            sentences.append("the body is no JSON")
            return
        }
        if Self.names(in: json).contains("password") { sentences.append("a password is answered") }
        if answer.status >= 400 {
            checkError(answer, error ?? "")
        } else if answer.value("totalResults") != nil {
            checkList(answer)
        } else if answer.value("schemas") == nil {
            sentences.append("the resource has no schemas")
        } else if let location = answer.value("meta", "location") {
            let field: FieldName = answer.status == 201 ? .location : .contentLocation
            if answer.value("id") != nil, answer.value("meta", "version") != nil {
                if response[field].map(JSONValue.string) != location {
                    sentences.append("location differs")
                }
                if response[.eTag].map(JSONValue.string) != answer.value("meta", "version") {
                    sentences.append("version differs")
                }
            }
        }
    }

    private mutating func checkError(_ answer: TestAnswer, _ keyword: String) {
        if answer.value("schemas") != .array([.string("urn:ietf:params:scim:api:messages:2.0:Error")]) {
            sentences.append("schemas of the error")
        }
        if answer.value("status") != .string(String(answer.status)) { sentences.append("status as text") }
        if (try? answer.text("detail"))?.isEmpty != false { sentences.append("no detail") }
        if answer.value("scimType") != (keyword.isEmpty ? nil : .string(keyword)) {
            sentences.append("scimType is not \(keyword)")
        }
    }

    private mutating func checkList(_ answer: TestAnswer) {
        if answer.value("schemas") != .array([.string(ListResponse.schema)]) { sentences.append("schemas") }
        guard case .array(let resources)? = answer.value("Resources") else {
            sentences.append("no Resources")
            return
        }
        if answer.integer("itemsPerPage") != resources.count { sentences.append("itemsPerPage") }
        if answer.integer("totalResults").map({ $0 < resources.count }) != false {
            sentences.append("totalResults")
        }
        if answer.integer("startIndex").map({ $0 < 1 }) != false { sentences.append("startIndex") }
        for case .object(let resource) in resources where resource["schemas"] == nil {
            sentences.append("a resource without schemas")
        }
    }

    /// The names of all members that a value has at any depth.
    private static func names(in value: JSONValue) -> Set<String> {
        switch value {
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(names(in: $1)) }
        case .object(let object):
            object.members.reduce(into: Set(object.members.map(\.name))) {
                $0.formUnion(names(in: $1.value))
            }
        default: []
        }
    }
}

extension TestAnswer {
    /// The value at a path of names and array indexes; a name may be a URN.
    func value(at names: [String]) -> JSONValue? {
        var value = json
        for name in names {
            switch value {
            case .object(let object)?: value = object[name]
            case .array(let elements)?:
                value = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: return nil
            }
        }
        return value
    }
}
