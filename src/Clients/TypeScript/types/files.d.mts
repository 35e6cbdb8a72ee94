// Written by tools/clients/generate.mjs out of the OpenAPI document; changes here are lost.
import type { Page, PageQuery } from './pages.mjs';
import type { CallOptions } from '../transport.mjs';

/** A link to a file. */
export interface FileLink {
  /** Where it is read, or uploaded to. */
  url: string;
  /** Until when. */
  expires_at: string;
}

/** How long, and how it is shown. */
export interface NewFileLink {
  /** Seconds. */
  expires_in?: number | null;
  /** Whether a browser saves it or shows it. */
  disposition?: "attachment" | "inline" | null;
}

/** What may be uploaded, and for how long. */
export interface NewUploadLink {
  /** What the file is called: no path. */
  name?: string | null;
  /** What the upload's `Content-Type` must be. */
  content_type?: string | null;
  /** The file's labels. */
  labels?: Record<string, string> | null;
  /** Bytes that it may have; the organization's limit by default. */
  max_bytes?: number | null;
  /** What it must be: its SHA-256 in hexadecimal. */
  sha256?: string | null;
  /** Seconds. */
  expires_in?: number | null;
}

/** A file without its content. It does not change. */
export interface StoredFile {
  /** Its id, in order of creation. */
  id: string;
  /** What it is called. */
  name: string;
  /** As the upload said. */
  content_type: string;
  /** Bytes. */
  size: number;
  /** Of the content, in hexadecimal. Also its `ETag`. */
  sha256: string;
  /** Names and values to find it by. */
  labels: Record<string, string>;
  /** When it was stored. */
  created_at: string;
}

/** A page of a list. */
export type StoredFileList = Page<StoredFile>;

export interface ListFilesQuery extends PageQuery {
  /** Only with these labels; may be repeated. */
  label?: Array<string>;
  /** The order. */
  sort?: "created_at" | "-created_at";
}

export interface UploadFileQuery {
  /** What it is called: no path. Else the file name in `Content-Disposition`, else `file`. */
  name?: string;
  /** A label; may be repeated. */
  label?: Array<string>;
}

export interface UploadFileByLinkQuery {
  /** As the link has it. */
  token: string;
}

export interface DownloadSharedFileQuery {
  /** As the link has it. */
  token: string;
}

export interface FilesApi {
  /** List files (scope files.read): GET /v1/files */
  listFiles(query?: ListFilesQuery, options?: CallOptions): Promise<StoredFileList>;
  /** All of listFiles, page by page as they are asked for. */
  listFilesAll(query?: ListFilesQuery, options?: CallOptions): AsyncGenerator<StoredFile, void, undefined>;

  /** Upload a file (scope files.write): POST /v1/files */
  uploadFile(body: BodyInit, query?: UploadFileQuery, options?: CallOptions): Promise<StoredFile>;

  /** Upload a file by a link: PUT /v1/files/upload */
  uploadFileByLink(body: BodyInit, query: UploadFileByLinkQuery, options?: CallOptions): Promise<StoredFile>;

  /** Download a file (scope files.read): GET /v1/files/{id} */
  downloadFile(id: string, options?: CallOptions): Promise<Blob>;

  /** Delete a file (scope files.write): DELETE /v1/files/{id} */
  deleteFile(id: string, options?: CallOptions): Promise<void>;

  /** Get a file's document (scope files.read): GET /v1/files/{id}/metadata */
  getFileMetadata(id: string, options?: CallOptions): Promise<StoredFile>;

  /** Download a file by its link: GET /v1/files/{id}/shared */
  downloadSharedFile(id: string, query: DownloadSharedFileQuery, options?: CallOptions): Promise<Blob>;

  /** Make a link to a file (scope files.read): POST /v1/files/{id}:presign */
  presignFile(id: string, body?: NewFileLink, options?: CallOptions): Promise<FileLink>;

  /** Make a link for an upload (scope files.write): POST /v1/files:presign */
  presignUpload(body: NewUploadLink, options?: CallOptions): Promise<FileLink>;
}
