import JSON

/// The methods of the operations of a bulk request; names of methods are in upper case (RFC 9110 §9.1).
package enum BulkMethod: String, Sendable, CaseIterable {
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// One operation of a bulk request, as far as it can be told without its data.
package struct BulkOperation: Sendable {
    /// Nil if the request names none of them.
    package fileprivate(set) var method: BulkMethod?
    /// The client's name for the operation and for the resource that it creates.
    package fileprivate(set) var bulkID: String?
    /// Relative to the Tenant URL, as received.
    package fileprivate(set) var path: String?
    /// The version that the resource must have.
    package fileprivate(set) var version: String?
    /// What is wrong with the operation's form; its other members are as far as they could be read.
    package fileprivate(set) var fault: SCIMError?
    fileprivate var data: Int?
}

/// The body of a bulk request (RFC 7644 §3.7).
///
/// The data of an operation becomes a tree of values only when it is asked for.
package struct BulkRequest: Sendable {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

    /// In the order of the request; at least one.
    package let operations: [BulkOperation]
    /// After so many failures the rest is not to be carried out.
    package let failOnErrors: Int?

    private let document: JSONDocument
    private let bulkIDs: BulkIDs

    /// Reads a body; names of members and the schema in any case, unknown members ignored, null as if it were not there.
    ///
    /// - Returns: nil if there are more than `operationsMax` operations.
    /// - Throws: `invalidSyntax` for a body of another shape, `invalidValue` for a `failOnErrors` that is no number from 1 on
    ///   and for a `bulkId` that two new resources have: what refers to it would be a guess.
    package static func decode(
        _ document: JSONDocument,
        operationsMax: Int,
        _ profile: Profile
    ) throws(SCIMError) -> BulkRequest? {
        let root = JSONDocument.root
        guard document.kind(of: root) == .object else {
            throw SCIMError(.invalidSyntax, "A bulk request is a JSON object.")
        }
        let schemas = try document.bulkMember("schemas", of: root).map { document.value(at: $0) }
        try MessageSchema.require(schema, in: schemas, profile)
        guard let list = try document.bulkMember("Operations", of: root), document.kind(of: list) == .array
        else { throw SCIMError(.invalidSyntax, "A bulk request has an array of Operations.") }
        var nodes: [Int] = []
        for node in document.children(of: list) {
            guard nodes.count < operationsMax else { return nil }
            nodes.append(node)
        }
        guard !nodes.isEmpty else {
            throw SCIMError(.invalidSyntax, "A bulk request has at least one element in Operations.")
        }
        let operations = nodes.map { document.operation(at: $0) }
        return BulkRequest(
            operations: operations,
            failOnErrors: try document.failOnErrors(),
            document: document,
            bulkIDs: try BulkIDs(operations)
        )
    }

    /// The operation that creates what the `bulkId` of a path stands for, as in `/Groups/bulkId:a`; nil for other ids.
    ///
    /// - Throws: `invalidValue` if no operation creates it.
    package func creation(named id: String) throws(SCIMError) -> Int? { try bulkIDs.operation(id) }

    /// Bytes of the text of an operation's data.
    package func dataBytes(of index: Int) -> Int {
        operations[index].data.map { document.range(of: $0).count } ?? 0
    }

    /// The data of an operation, every `bulkId` replaced by the id that it stands for (RFC 7644 §3.7.2).
    ///
    /// `id`: the text of the id of the resource that an operation creates.
    /// - Returns: the data, null if there is none, and the operations whose resources it refers to.
    /// - Throws: `invalidValue` for a `bulkId` that is no new resource's.
    package func data(
        of index: Int,
        id: @escaping (Int) -> String
    ) throws(SCIMError) -> (data: JSONValue, references: Set<Int>) {
        guard let node = operations[index].data else { return (.null, []) }
        var resolver = BulkIDResolver(bulkIDs, id)
        let data = try resolver.resolve(document.value(at: node), isPatch: operations[index].method == .patch)
        return (data, resolver.references)
    }
}

extension JSONDocument {
    /// The member of a name in any case; nil if it is not there or null.
    ///
    /// - Throws: `invalidSyntax` if it is there twice in different case.
    fileprivate func bulkMember(_ name: String, of object: Int) throws(SCIMError) -> Int? {
        var found: Int?
        for member in children(of: object)
        where withUTF8(of: member, { String.equalsIgnoringASCIICase($0, name.utf8.span) }) {
            guard found == nil else {
                throw SCIMError(.invalidSyntax, "\(name) is there twice in different case.")
            }
            found = member + 1
        }
        return found.flatMap { kind(of: $0) == .null ? nil : $0 }
    }

    fileprivate func failOnErrors() throws(SCIMError) -> Int? {
        guard let node = try bulkMember("failOnErrors", of: Self.root) else { return nil }
        guard let number = int64(at: node), number >= 1 else {
            throw SCIMError(.invalidValue, "failOnErrors is an integer from 1 on.")
        }
        return Int(number)
    }

    fileprivate func operation(at node: Int) -> BulkOperation {
        var operation = BulkOperation()
        do throws(SCIMError) { try read(node, into: &operation) } catch { operation.fault = error }
        return operation
    }

    private func read(_ node: Int, into operation: inout BulkOperation) throws(SCIMError) {
        guard kind(of: node) == .object else {
            throw SCIMError(.invalidSyntax, "An element of Operations is a JSON object.")
        }
        operation.bulkID = try text("bulkId", of: node)
        operation.method = try text("method", of: node).flatMap(BulkMethod.init)
        operation.path = try text("path", of: node)
        operation.version = try text("version", of: node)
        operation.data = try bulkMember("data", of: node)
        guard let method = operation.method else {
            throw SCIMError(.invalidSyntax, "The method of an operation is POST, PUT, PATCH or DELETE.")
        }
        guard operation.path != nil else {
            throw SCIMError(.invalidSyntax, "The path of an operation is missing.")
        }
        guard method != .post || operation.bulkID != nil else {
            throw SCIMError(.invalidSyntax, "An operation that creates a resource has a bulkId.")
        }
        guard method == .delete || operation.data != nil else {
            throw SCIMError(
                .invalidSyntax,
                "The data of an operation is missing: \(method.rawValue) needs it."
            )
        }
    }

    /// A member's text; an empty one is none.
    private func text(_ name: String, of object: Int) throws(SCIMError) -> String? {
        guard let node = try bulkMember(name, of: object) else { return nil }
        guard kind(of: node) == .string else {
            throw SCIMError(.invalidSyntax, "The \(name) of an operation is a string.")
        }
        let text = string(at: node)
        return text.isEmpty ? nil : text
    }
}
