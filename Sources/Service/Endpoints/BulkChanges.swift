import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy

/// The resource that an operation of a bulk request is about.
struct BulkTarget {
    let kind: ResourceKind
    /// Nil if the path's last segment is no id, so that there is no such resource.
    let id: UniqueID?
    /// The operation that creates it, if another one does.
    var creation: Int?
}

/// The operations of a bulk request as changes; each is decoded only when its turn has come.
struct BulkChanges: ChangeSource {
    let request: BulkRequest
    let exchange: Exchange
    let order: [Int]
    private let access: TenantAccess
    private let pipeline: RequestPipeline
    /// The ids that the new resources will have, by operation.
    private let ids: [UniqueID]
    private let targets: [Result<BulkTarget, DirectoryError>]

    init(
        _ request: BulkRequest,
        by access: TenantAccess,
        _ exchange: Exchange,
        through pipeline: RequestPipeline
    ) {
        self.request = request
        self.access = access
        self.exchange = exchange
        self.pipeline = pipeline
        let ids = request.operations.map { _ in pipeline.directory.makeID() }
        self.ids = ids
        let targets = request.operations.indices.map { index in
            Result { () throws(DirectoryError) in
                try Self.target(of: index, in: request, ids: ids, kinds: access.kinds)
            }
        }
        self.targets = targets
        order = Self.order(targets)
    }

    func creation(at place: Int) -> NewResource? {
        guard request.operations[place].method == .post, request.operations[place].fault == nil,
            case .success(let target) = targets[place]
        else { return nil }
        return NewResource(target.kind, ids[place], of: access)
    }

    var tenant: UInt32 { access.tenant.number }

    func step(at place: Int, _ pace: WorkPace) throws(DirectoryError) -> ChangeStep {
        guard pace == .background || request.dataBytes(of: place) <= RequestPipeline.bodyBytesOnLoopMax else {
            throw .tooLongForLoop
        }
        let operation = request.operations[place]
        let target = try targets[place].get()
        guard let method = operation.method else { throw .notFound }
        var asked: AskedChange
        var references: Set<Int>
        do throws(SCIMError) {
            let data: JSONValue
            (data, references) = try request.data(of: place) { ids[$0].text }
            asked = AskedChange(method: method, kind: target.kind, id: target.id, body: .value(data))
            asked.isAnswered = false
            if method != .post { asked.condition = try condition(operation) }
        } catch {
            throw .rejected(error)
        }
        if let creation = target.creation { references.insert(creation) }
        let change = try pipeline.change(asked, access, exchange(of: place), pace)
        return ChangeStep(change, references: references)
    }

    /// The resource type of an operation; nil if its path names none.
    func kind(of place: Int) -> ResourceKind? { try? targets[place].get().kind }

    /// The exchange as far as it is about one operation.
    func exchange(of place: Int) -> Exchange {
        exchange.about(request.operations[place], at: place, try? targets[place].get())
    }

    /// What the resource's version must be (B-02).
    private func condition(_ operation: BulkOperation) throws(SCIMError) -> VersionCondition {
        guard let version = operation.version else { return .none }
        guard access.profile.contains(.conditionalRequests) else {
            throw SCIMError(.invalidSyntax, "This tenant's profile takes no version in an operation.")
        }
        return VersionCondition(ifMatch: version)
    }
}

// MARK: - Results

extension BulkChanges {
    func result(of place: Int, _ outcome: ChangeOutcome) -> BulkResult {
        BulkResult(
            request.operations[place],
            location: location(of: place),
            version: outcome.version?.entityTag,
            status: Int(outcome.status)
        )
    }

    func result(of place: Int, _ refusal: Refusal) -> BulkResult {
        let operation = request.operations[place]
        return BulkResult(
            operation,
            location: operation.method == .post ? nil : location(of: place),
            version: nil,
            status: Int(refusal.status.code),
            refusal: refusal.message
        )
    }

    private func location(of place: Int) -> String? {
        guard case .success(let target) = targets[place], let id = target.id else { return nil }
        return "\(exchange.baseURL)\(target.kind.type.endpoint)/\(id.text)"
    }
}

// MARK: - Targets

extension BulkChanges {
    /// The path of an operation: a resource type's endpoint for POST, a resource for other methods.
    private static func target(
        of index: Int,
        in request: BulkRequest,
        ids: [UniqueID],
        kinds: ResourceKinds
    ) throws(DirectoryError) -> BulkTarget {
        let operation = request.operations[index]
        if let fault = operation.fault { throw .rejected(fault) }
        let segments = (operation.path ?? "").split(separator: "/").map(String.init)
        switch (Route(segments[...], kinds: kinds), operation.method) {
        case (.collection(let kind), .post):
            return BulkTarget(kind: kind, id: ids[index])
        case (.resource(let kind, let text), .put), (.resource(let kind, let text), .patch),
            (.resource(let kind, let text), .delete):
            let creation: Int?
            do throws(SCIMError) { creation = try request.creation(named: text) } catch {
                throw .rejected(error)
            }
            return BulkTarget(
                kind: kind,
                id: creation.map { ids[$0] } ?? UniqueID(text: text),
                creation: creation
            )
        case (nil, _):
            throw .notFound
        default:
            throw .rejected(
                SCIMError(
                    .invalidValue,
                    "The path of a POST is a resource type's endpoint, that of another operation a resource."
                )
            )
        }
    }

    /// In the order of the request, but for operations on a resource that a later one creates: they follow it.
    private static func order(_ targets: [Result<BulkTarget, DirectoryError>]) -> [Int] {
        var followers: [Int: [Int]] = [:]
        for (index, target) in targets.enumerated() {
            guard case .success(let target) = target, let creation = target.creation, creation > index
            else { continue }
            followers[creation, default: []].append(index)
        }
        let later = Set(followers.values.joined())
        return targets.indices.filter { !later.contains($0) }.flatMap { [$0] + (followers[$0] ?? []) }
    }
}
