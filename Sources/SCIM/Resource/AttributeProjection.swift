import JSON

/// Which attributes an answer shows (RFC 7644 §3.9, RFC 7643 §7 `returned`).
package struct AttributeProjection: Sendable {
    /// Names to follow from the top of the resource; an empty tree is a whole attribute.
    private struct Tree: Sendable {
        var children: [String: Tree] = [:]

        mutating func insert(_ names: ArraySlice<String>) {
            guard let first = names.first else { return }
            let isKnownWhole = children[first]?.children.isEmpty == true
            guard names.count > 1, !isKnownWhole else {
                children[first] = Tree()
                return
            }
            children[first, default: Tree()].insert(names.dropFirst())
        }
    }

    private enum Mode: Sendable { case all, only(Tree), except(Tree) }

    private let mode: Mode
    /// Attributes that are shown whatever was asked for: the minimum set.
    private let always: Set<String>
    /// Attributes that are shown only if they are asked for, and those that never are.
    private let onRequest: Set<String>
    private let never: Set<String>

    /// Shows what is shown by default.
    package static let identity = AttributeProjection(mode: .all, always: [], onRequest: [], never: [])

    private init(mode: Mode, always: Set<String>, onRequest: Set<String>, never: Set<String>) {
        self.mode = mode
        self.always = always
        self.onRequest = onRequest
        self.never = never
    }

    /// Names that no schema of the type defines are ignored.
    ///
    /// - Throws: `invalidValue` if both lists are given, which exclude each other.
    package init(
        attributes: [String]?,
        excluded: [String]?,
        type: ResourceType
    ) throws(SCIMError) {
        guard attributes == nil || excluded == nil else {
            throw SCIMError(
                .invalidValue,
                "The parameters attributes and excludedAttributes exclude each other."
            )
        }
        let definitions = CommonAttributes.definitions + type.schema.attributes
        let mode: Mode =
            if let attributes {
                .only(Self.tree(attributes, type))
            } else if let excluded {
                .except(Self.tree(excluded, type))
            } else {
                .all
            }
        func names(_ returned: AttributeDefinition.Returned) -> Set<String> {
            Set(definitions.filter { $0.returned == returned }.map(\.name))
        }
        self.init(mode: mode, always: names(.always), onRequest: names(.request), never: names(.never))
    }

    /// Whether every attribute of the resource is shown that is shown by default.
    package var isIdentity: Bool {
        if case .all = mode { true } else { false }
    }

    /// Whether an attribute at the top of the resource is shown, wholly or in part.
    package func includes(_ name: String) -> Bool {
        guard !never.contains(name) else { return false }
        switch mode {
        case .all: return !onRequest.contains(name)
        case .only(let tree): return always.contains(name) || tree.children[name] != nil
        case .except(let tree):
            return always.contains(name)
                || !onRequest.contains(name) && tree.children[name]?.children.isEmpty != true
        }
    }

    /// What is shown of a resource in the form of an answer.
    package func apply(to resource: JSONObject) -> JSONObject {
        var shown = JSONObject()
        for member in resource.members where includes(member.name) {
            switch mode {
            case .all: shown[member.name] = member.value
            case .only(let tree):
                shown[member.name] =
                    always.contains(member.name)
                    ? member.value : Self.only(tree.children[member.name], member.value)
            case .except(let tree):
                shown[member.name] =
                    always.contains(member.name)
                    ? member.value : Self.except(tree.children[member.name], member.value)
            }
        }
        return shown
    }

    private static func tree(_ names: [String], _ type: ResourceType) -> Tree {
        var tree = Tree()
        for name in names {
            guard let path = try? AttributePath(parsing: name, schemas: type.schemaURIs) else { continue }
            switch type.meaning(of: path) {
            case .attribute(let attribute)?: tree.insert(attribute.names[...])
            case .container(let schema)?: tree.insert([schema.id])
            case .core?:
                for attribute in type.schema.attributes { tree.insert([attribute.name]) }
            case nil: continue
            }
        }
        return tree
    }

    /// The part of a value that a tree names; nil if nothing is left of it.
    private static func only(_ tree: Tree?, _ value: JSONValue) -> JSONValue? {
        guard let tree, !tree.children.isEmpty else { return tree == nil ? nil : value }
        return parts(of: value) { name, value in tree.children[name].flatMap { only($0, value) } }
    }

    private static func except(_ tree: Tree?, _ value: JSONValue) -> JSONValue? {
        guard let tree else { return value }
        guard !tree.children.isEmpty else { return nil }
        return parts(of: value) { name, value in except(tree.children[name], value) }
    }

    private static func parts(
        of value: JSONValue,
        _ keep: (String, JSONValue) -> JSONValue?
    ) -> JSONValue? {
        switch value {
        case .object(let object):
            let kept = object.members.compactMap { member in
                keep(member.name, member.value).map { JSONObject.Member(name: member.name, value: $0) }
            }
            return kept.isEmpty ? nil : .object(JSONObject(uniqueMembers: kept))
        case .array(let elements):
            let kept = elements.compactMap { parts(of: $0, keep) }
            return kept.isEmpty ? nil : .array(kept)
        default: return value
        }
    }
}
