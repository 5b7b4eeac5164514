import Directory
import SCIM
import Storage
import Tenancy

/// The queries of a directory's resources, and what they share.
package struct ResourceQueries: Sendable {
    let directory: ResourceDirectory
    let cursorKeyCache = CursorKeyCache()
    private let sortMemory = QueryMemory.ofPlaces()
    private let answerMemory = QueryMemory.ofAnswers()
    private let candidateMemory = QueryMemory.ofCandidates()
    private let lists = RememberedLists()
    let texts = GroupTexts()

    /// What the steps of one query together may cost, in units of ``WorkBudget``.
    private let workMax: Int

    package init(_ directory: ResourceDirectory, workMax: Int = FilterLimits.workMax) {
        self.directory = directory
        self.workMax = workMax
    }

    var environment: DirectoryEnvironment { directory.environment }

    /// A resource as a change has left it, and its version and location; nil if it is too long to be written at one stretch.
    ///
    /// `left`: nil for what is stored.
    package func resource(
        _ id: UniqueID,
        left: ChangedResource?,
        of kind: ResourceKind,
        _ projection: AttributeProjection,
        access: TenantAccess,
        baseURL: String
    ) throws(DirectoryError) -> (body: [UInt8], version: CommitVersion, location: String)? {
        guard kind.membersAttribute == nil else { return nil }
        let renderer = ResourceRenderer(
            kind,
            projection,
            access: access,
            baseURL: baseURL,
            texts: texts,
            isForMany: false
        )
        return try ResourceLookUp.resource(id, left: left, renderer, directory.store)
    }

    /// Starts to answer a query; nothing is read before ``QueryRun/advance()``.
    ///
    /// `left`: for the answer to a change, the one resource asked for as the change has left it.
    package func run(_ query: ResourceQuery, left: ChangedResource? = nil) -> QueryRun {
        QueryRun(
            query,
            left: left,
            store: directory.store,
            environment: environment,
            sortMemory: sortMemory,
            answerMemory: answerMemory,
            candidateMemory: candidateMemory,
            lists: lists,
            texts: texts,
            total: WorkBudget(workMax)
        )
    }

    /// Takes the first step on the loop, unless it is too long for that.
    ///
    /// `others`: how many queries of the same tenant are long and not done; the more, the shorter is the step.
    /// - Throws: as ``QueryRun/advance(_:)``.
    package func begin(
        _ query: ResourceQuery,
        left: ChangedResource? = nil,
        beside others: Int = 0
    ) throws(DirectoryError) -> (run: QueryRun, isDone: Bool) {
        var run = self.run(query, left: left)
        do throws(DirectoryError) {
            let isDone = try run.advance(.loop, share: 1 + others)
            return (run, isDone)
        } catch .tooLongForLoop {
            var fresh = self.run(query, left: left)
            fresh.looksAtAll = run.looksAtAll
            return (fresh, false)
        }
    }

    /// Takes the steps that are left beside the loops.
    ///
    /// - Throws: as ``QueryRun/advance(_:)`` and ``ResourceDirectory/stepping(_:of:endsWithTask:_:)``.
    package func finish(
        _ run: consuming QueryRun,
        endsWithTask: Bool
    ) async throws(DirectoryError) -> QueryRun {
        let tenant = run.query.tenant
        return try await directory.stepping(run, of: tenant, endsWithTask: endsWithTask) {
            run throws(DirectoryError) in try run.advance(.background)
        }
    }
}

extension ResourceQuery {
    /// Writes the resources of a part.
    func renderer(of part: Part, _ pace: WorkPace, _ texts: GroupTexts) -> ResourceRenderer {
        ResourceRenderer(
            part.kind,
            part.projection,
            access: access,
            baseURL: baseURL,
            pace: pace,
            texts: texts,
            isForMany: resourceID == nil
        )
    }
}

extension ResourceRenderer {
    convenience init(
        _ kind: ResourceKind,
        _ projection: AttributeProjection,
        access: TenantAccess,
        baseURL: String,
        pace: WorkPace = .loop,
        texts: GroupTexts,
        isForMany: Bool
    ) {
        self.init(
            tenant: access.tenant.number,
            kinds: access.kinds,
            kind: kind,
            baseURL: baseURL,
            projection: projection,
            pace: pace,
            texts: texts,
            isForMany: isForMany
        )
    }
}
