{{- define "rl-job.fullname" -}}
{{ .Release.Name }}-{{ .Values.team }}
{{- end -}}
