package kms

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/imlc-lang/imlc/broker/envelope"
)

// awsKey is a symmetric key of AWS KMS.
type awsKey struct {
	key    string
	client *kms.Client
}

func openAWS(ctx context.Context, address string) (envelope.KeyService, error) {
	key, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil || key == "" {
		return nil, fmt.Errorf("aws: expected aws:KEY?region=REGION")
	}
	found, err := config.LoadDefaultConfig(ctx, func(l *config.LoadOptions) error {
		l.Region = values.Get("region") // "" leaves it to AWS_REGION and the profile
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("aws: %w", err)
	}
	if found.Region == "" {
		return nil, fmt.Errorf("aws: name the region: aws:%s?region=eu-west-1", key)
	}
	return &awsKey{key, kms.NewFromConfig(found, func(k *kms.Options) {
		if endpoint := values.Get("endpoint"); endpoint != "" {
			k.BaseEndpoint = aws.String(endpoint)
		}
	})}, nil
}

// Name implements envelope.KeyService.
func (k *awsKey) Name() string { return "aws:" + k.key }

// about is the encryption context, which the log of AWS shows.
func about(bound string) map[string]string { return map[string]string{"imlc": bound} }

// Encrypt implements envelope.KeyService.
func (k *awsKey) Encrypt(ctx context.Context, text []byte, bound string) ([]byte, error) {
	out, err := k.client.Encrypt(ctx, &kms.EncryptInput{KeyId: &k.key, Plaintext: text, EncryptionContext: about(bound)})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// Decrypt implements envelope.KeyService.
func (k *awsKey) Decrypt(ctx context.Context, sealed []byte, bound string) ([]byte, error) {
	out, err := k.client.Decrypt(ctx, &kms.DecryptInput{KeyId: &k.key, CiphertextBlob: sealed, EncryptionContext: about(bound)})
	var bad *types.InvalidCiphertextException
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("aws: %w", envelope.ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	return out.Plaintext, nil
}
