import Audit
import HTTP
import JSON
import Tenancy

extension AdminHandler {
    /// `POST /backups`, `POST /backups/ID/next` for each part of it (``BackupPart``), `POST /backups/ID/finish`, `DELETE /backups/ID`.
    ///
    /// Nil if the path is another one.
    func performBackup(_ request: Request, _ actor: AuditActor) async throws(AdministrationError) -> Response?
    {
        let path = request.target.segments
        guard path.first == "backups" else { return nil }
        switch (request.method, path.count) {
        case (.post, 1):
            return AdminMessage.json([.init("id", .string(try backups.begin(by: actor)))])
        case (.post, 3) where path[2] == "next":
            let part = try await backups.next(of: path[1])
            return Response(.ok, contentType: "application/octet-stream", body: part.bytes)
        case (.post, 3) where path[2] == "finish":
            try await backups.finish(path[1])
            return AdminMessage.json([])
        case (.delete, 2):
            try await backups.abandon(path[1])
            return AdminMessage.json([])
        default: return nil
        }
    }
}
