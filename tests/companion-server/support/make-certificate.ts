import { execFileSync } from "node:child_process";

/** Writes a certificate that signs itself, and its key. @param names as `subjectAltName` has them */
export function makeCertificate(cert: string, key: string, names: string): void {
  const subject = ["-subj", "/CN=paint.example", "-addext", `subjectAltName=${names}`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-out", cert, "-keyout", key], { stdio: "ignore" });
}
