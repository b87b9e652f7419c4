import { CredentialError } from "@ccpb/core";
import type { AwsCredential } from "./aws-signature.ts";
import { loadOptional } from "./optional-package.ts";

/** Gets AWS credentials. `forceRefresh`: what the chain has cached was refused. */
type Chain = (options: { readonly forceRefresh: boolean }) => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}>;

export const awsPackages: readonly string[] = ["@smithy/signature-v4", "@aws-sdk/credential-providers"];

/**
 * Returns a function that gets AWS credentials: those of a profile, else of the environment, else of AWS's default chain (SSO, shared files, web
 * identity, container, instance).
 */
export function awsChain(profile: string | undefined): (isForced: boolean) => Promise<AwsCredential> {
  let chain: Promise<Chain> | undefined;
  return async (isForced) => {
    chain ??= loadChain(profile);
    let get: Chain;
    try {
      get = await chain;
    } catch (error) {
      chain = undefined; // it may be installed by the next time
      throw error;
    }
    const found = await resolve(get, isForced, profile);
    return {
      identity: found.accessKeyId,
      expiresAtMs: found.expiration?.getTime(),
      accessKeyId: found.accessKeyId,
      secretAccessKey: found.secretAccessKey,
      ...(found.sessionToken !== undefined && { sessionToken: found.sessionToken }),
    };
  };
}

async function loadChain(profile: string | undefined): Promise<Chain> {
  const aws = await loadOptional(() => import("@aws-sdk/credential-providers"), {
    name: "@aws-sdk/credential-providers",
    need: "auth_type: aws",
    packages: awsPackages,
  });
  if (profile !== undefined) return aws.fromNodeProviderChain({ profile });
  // The default chain leaves the environment out where AWS_PROFILE is set; the AWS CLI and Anthropic's clients do not.
  // It hands its options on to the chain, whose types are wider.
  return aws.createCredentialChain(aws.fromEnv(), aws.fromNodeProviderChain()) as Chain;
}

async function resolve(chain: Chain, isForced: boolean, profile: string | undefined): ReturnType<Chain> {
  try {
    return await chain({ forceRefresh: isForced });
  } catch (cause) {
    const where = profile === undefined ? "the AWS credential chain" : `the AWS profile ${JSON.stringify(profile)}`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CredentialError(`${where} gave no credential: ${reason}`, { cause });
  }
}
