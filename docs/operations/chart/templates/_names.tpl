{{- define "yuntiao.name" -}}{{ .Release.Name | trunc 24 | trimSuffix "-" }}{{- end -}}
{{- define "yuntiao.labels" -}}
app.kubernetes.io/name: yuntiao
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "yuntiao.host" -}}
{{ .Values.ingress.host | default (regexReplaceAll "^https?://" (required "publicUrl says how people reach it" .Values.publicUrl) "" | splitList ":" | first) }}
{{- end -}}
