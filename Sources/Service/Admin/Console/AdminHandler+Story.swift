import Audit
import Directory
import HTTP
import JSON
import Locking
import Storage
import Tenancy

extension AdminHandler {
    /// `GET /tenants/NAME/story?resource=ID`: what the trail tells of a resource, the newest record first.
    ///
    /// `&before=PLACE` for the next page, `&record=PLACE` for one record. Nil if the path is another one.
    func showStory(_ request: Request, _ actor: AuditActor) async throws(AdministrationError) -> Response? {
        let path = request.target.segments
        guard request.method == .get, path.count == 3, path[0] == "tenants", path[2] == "story" else {
            return nil
        }
        let access = try administration.access(to: path[1], by: actor)
        let asked = try AskedStory(request.target)
        let question = TrailQuestion(
            stream: access.tenant.name,
            resource: asked.resource,
            before: asked.record?.following ?? asked.before,
            limit: asked.record == nil ? AuditTrail.recordsMax : 1
        )
        guard let turn = storyTurns.hold(access) else { return Self.storiesAreRead }
        defer { withExtendedLifetime(turn) {} }
        let trail = trail
        let page = await directory.environment.background.run(for: access.tenant.number) {
            () -> Result<TrailPage, StoreError> in
            do throws(StoreError) { return .success(try trail.page(question)) } catch {
                return .failure(error)
            }
        }
        guard let page else { return Self.storiesAreRead }
        do throws(StoreError) {
            let own = try page.get().since(access.tenant.created)
            return AdminMessage.json(.ok, .object(AdminMessage.story(own, record: asked.record)))
        } catch {
            throw .store(error)
        }
    }

    private static var storiesAreRead: Response {
        var response = AdminMessage.error(
            .failed,
            .serviceUnavailable,
            "Too many parts of the trail are read already; try again."
        )
        response[.retryAfter] = "1"
        return response
    }
}

extension TrailPage {
    /// The page without what happened before a time: another tenant may have had the name.
    fileprivate func since(_ time: Timestamp) -> TrailPage {
        let own = records.prefix { record in
            guard let text = record.fields.first(where: { $0.name == "SCIM_TIME" })?.value,
                let happened = Timestamp(rfc3339: text)
            else { return false }
            return happened >= time
        }
        let isWhole = own.count == records.count
        return TrailPage(records: Array(own), next: isWhole ? next : nil, isOfJournal: isOfJournal)
    }
}

/// The parameters of the request for a resource's story.
private struct AskedStory {
    let resource: UniqueID
    var before: TrailQuestion.Place?
    var record: TrailQuestion.Place?

    init(_ target: Target) throws(AdministrationError) {
        var resource: UniqueID?
        for item in target.queryItems {
            switch item.name {
            case "resource":
                guard let id = UniqueID(text: item.value) else {
                    throw .invalidBody("resource is a resource's id.")
                }
                resource = id
            case "before", "record":
                guard let place = TrailQuestion.Place(text: item.value) else {
                    throw .invalidBody("\(item.name) is the place of a record, as an answer gives it.")
                }
                if item.name == "before" { before = place } else { record = place }
            default: throw .invalidBody("The command takes no parameter \(item.name).")
            }
        }
        guard let resource, before == nil || record == nil else {
            throw .invalidBody("resource names a resource, and before or record a place in its story.")
        }
        self.resource = resource
    }
}

extension AdminMessage {
    /// Fields that may come several times in a record.
    private static let lists: Set = ["SCIM_ATTR", "SCIM_MEMBER_ADDED", "SCIM_MEMBER_REMOVED"]

    /// Records with their places; of one that is asked for, only that.
    static func story(_ page: TrailPage, record: TrailQuestion.Place?) -> JSONObject {
        let records = page.records.filter { record == nil || $0.place.sequence == record?.sequence }
        return object(
            [
                Member("source", .string(page.isOfJournal ? "journal" : "outbox")),
                Member("records", .array(records.map { .object(self.record($0)) })),
            ] + (record == nil ? page.next.map { [Member("next", .string($0.text))] } ?? [] : [])
        )
    }

    private static func record(_ record: TrailRecord) -> JSONObject {
        var members = [Member("place", .string(record.place.text))]
        var seen: Set<String> = []
        for field in record.fields where seen.insert(field.name).inserted {
            let values = record.fields.filter { $0.name == field.name }.map { JSONValue.string($0.value) }
            members.append(Member(field.name, lists.contains(field.name) ? .array(values) : values[0]))
        }
        return object(members)
    }
}
